fn ms_remember(fresh: u32, l: f32, x: ptr<function, Point>) {
}
