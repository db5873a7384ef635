// A packed lower triangle to work on, in storage: for dimensions whose triangle workgroup memory does not hold.
var<private> ms_work_base: u32;

fn ms_work_get(at: u32) -> f32 {
  return ms_scratch[ms_work_base + at];
}

fn ms_work_set(at: u32, value: f32) {
  ms_scratch[ms_work_base + at] = value;
}

fn ms_work_open(component: u32) {
  ms_work_base = component * (DIM * (DIM + 1u) / 2u);
}

fn ms_work_barrier() {
  storageBarrier();
  workgroupBarrier();
}
