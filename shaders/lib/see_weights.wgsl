// Components' log densities at the rows of a group are kept, to become the rows' weights.
fn ms_see(component: u32, log_density: ms_Group) {
  ms_put_weights(component, log_density);
}
