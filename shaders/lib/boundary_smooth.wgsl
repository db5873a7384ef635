// x = centre + half width sin(pi u / 2): the whole line maps into the box, smoothly and without plateaus.
fn ms_enter(u: f32, box: vec4f) -> ms_Entry {
  let turn = 0.25 * u;
  let wave = ms_cos_sin_turn(turn - floor(turn));
  let half_width = 0.5 * box.z;
  let x = clamp(box.x + half_width * (1.0 + wave.y), box.x, box.y);
  return ms_Entry(x, half_width * 1.5707963267948966 * wave.x, -half_width * 2.4674011002723395 * wave.y, 0.0);
}
