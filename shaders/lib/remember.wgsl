// A fresh row into the store of past samples, if its turn has come.
fn ms_remember(fresh: u32, l: f32, x: ptr<function, Point>) {
  let slot = ms_past_slot(ms_control.drawn + fresh);
  if (slot == 0xffffffffu) {
    return;
  }
  let at = slot * (DIM + 1u);
  ms_past[at] = l;
  for (var i = 0u; i < DIM; i++) {
    ms_past[at + 1u + i] = (*x)[i];
  }
}
