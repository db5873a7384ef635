// An invocation reads for itself: whether others need something is none of its business.
fn ms_needed(mine: bool) -> bool {
  return mine;
}
