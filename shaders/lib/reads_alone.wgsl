// An invocation reads for itself: whether others need something is none of its business.
fn ms_any(mine: bool) -> bool {
  return mine;
}
