// A packed lower triangle to work on, in workgroup memory.
var<workgroup> ms_work: array<f32, DIM * (DIM + 1u) / 2u>;

fn ms_work_get(at: u32) -> f32 {
  return ms_work[at];
}

fn ms_work_set(at: u32, value: f32) {
  ms_work[at] = value;
}

fn ms_work_open(component: u32) {
}

fn ms_work_barrier() {
  workgroupBarrier();
}
