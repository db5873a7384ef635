// The inner products as they are.
fn ms_put_right_side(particle: u32, members: u32) {}
