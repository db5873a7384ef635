// Components' log densities at the rows of a group are kept, to become the rows' weights.
var<private> ms_seen: ms_GroupPlace;

fn ms_see(component: u32, log_density: ms_Group) {
  let each = ms_numbers(log_density);
  for (var s = 0u; s < ms_seen.count; s++) {
    ms_weights[ms_weight_index(component, ms_seen.sample + s * ms_seen.step)] = each[s];
  }
}
