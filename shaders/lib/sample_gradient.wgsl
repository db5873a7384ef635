// l, f and log q of a group of samples, and h = L^T grad f into ms_slopes.
fn ms_sample_group(place: ms_GroupPlace, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>, square: ms_Group) {
  var pull: ms_Points;
  let density = ms_density_with_gradient(x, ms_control.components, ms_Own(place.component, square), y, &pull);
  var slopes = ms_evaluate_group(place, x, ms_numbers(density.log_q));
  for (var i = 0u; i < DIM; i++) {
    slopes[i] = slopes[i] - ms_control.temperature * pull[i];
  }
  ms_whiten_gradient(place.component, &slopes);
  ms_keep_slopes(place, &slopes);
}

// The gradients of l.
fn ms_evaluate_group(place: ms_GroupPlace, x: ptr<function, ms_Points>, log_q: array<f32, ms_GROUP>) -> ms_Points {
  var points: array<Point, ms_GROUP>;
  ms_spread(x, &points);
  for (var s = 0u; s < place.count; s++) {
    var point = points[s];
    var gradient: Point;
    ms_write_value(place, s, ms_evaluate_with_gradient(&point, place.index + s * place.step, &gradient), log_q[s]);
    points[s] = gradient;
  }
  var gradients: ms_Points;
  ms_collect(&points, &gradients);
  return gradients;
}

fn ms_keep_slopes(place: ms_GroupPlace, slopes: ptr<function, ms_Points>) {
  var each: array<Point, ms_GROUP>;
  ms_spread(slopes, &each);
  for (var s = 0u; s < place.count; s++) {
    for (var i = 0u; i < DIM; i++) {
      ms_slopes[i * ms_chunk.stride + place.index + s * place.step] = each[s][i];
    }
  }
}
