// l, f and log q of a group of samples, and h = L^T grad f into ms_slopes.
fn ms_sample_group(place: ms_GroupPlace, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>, square: ms_Group) {
  var pull: ms_Points;
  let density = ms_density_with_gradient(x, ms_control.components, ms_Own(place.component, square), y, &pull);
  var slopes = ms_evaluate_group(place, x, density.log_q);
  for (var i = 0u; i < DIM; i++) {
    slopes[i] = slopes[i] - ms_control.temperature * pull[i];
  }
  ms_whiten_gradient(place.component, &slopes);
  ms_keep_slopes(place, &slopes);
}

// The gradients of l.
fn ms_evaluate_group(place: ms_GroupPlace, x: ptr<function, ms_Points>, log_q: ms_Group) -> ms_Points {
  var gradients: ms_Points;
  for (var s = 0u; s < place.count; s++) {
    var point = ms_point(x, s);
    var gradient: Point;
    let l = ms_evaluate_with_gradient(&point, place.index + s * place.step, &gradient);
    ms_write_value(place, s, l, ms_number(log_q, s));
    for (var i = 0u; i < DIM; i++) {
      gradients[i] = ms_put(gradients[i], s, gradient[i]);
    }
  }
  return gradients;
}

fn ms_keep_slopes(place: ms_GroupPlace, slopes: ptr<function, ms_Points>) {
  for (var s = 0u; s < place.count; s++) {
    let at = place.index + s * place.step;
    for (var i = 0u; i < DIM; i++) {
      ms_slopes[i * ms_chunk.stride + at] = ms_number((*slopes)[i], s);
    }
  }
}
