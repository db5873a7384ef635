// Four neighbours of a subgroup, a quad, read for each other what all of them need, a vector each. Whatever leads to such a read is decided
// for the whole subgroup (ms_needed), so that all four are there. The analysis of uniformity, which is of workgroups, does not see that.
var<private> ms_turn: u32;   // which of the four this is

fn ms_needed(mine: bool) -> bool {
  return subgroupAny(mine);
}
