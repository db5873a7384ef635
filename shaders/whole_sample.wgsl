// Kernels A and B in one, for few dimensions and own samples: draw + evaluate + log q + the weighted sums of a reduction leaf, one
// invocation a leaf, its sums in registers. Nothing is written per sample, unless a view wants the draws. A group of samples at a time; ms_Sums and what is done with
// it are written out for the dimension (kernels/whole-sample.ts).

@compute @workgroup_size(ms_LANES)
fn ms_main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (ms_control.stop != 0u) {
    return;
  }
  let linear = (workgroup.y * ms_chunk.leaf_grid + workgroup.x) * ms_LANES + lane;
  let leaves = min(ms_chunk.leaf_count, ms_control.leaves - min(ms_control.leaves, ms_chunk.first_leaf));
  let components = min(ms_chunk.component_count, ms_control.components - min(ms_control.components, ms_chunk.first_component));
  if (linear >= components * leaves) {
    return;
  }
  let leaf = ms_chunk.first_leaf + linear % leaves;
  let k = ms_chunk.first_component + linear / leaves;
  let first = ms_leaf_start(leaf, ms_control.rows, ms_control.leaves);
  let count = ms_leaf_start(leaf + 1u, ms_control.rows, ms_control.leaves) - first;

  var sums = ms_no_sums();
  var based = false;
  var base = vec2f(0.0);          // l and f of a first usable sample: sums are taken about them
  var best = ms_all(ms_NO_VALUE); // of each lane, and the group it was in
  var best_at = ms_all(0.0);
  for (var at = 0u; at < count; at += ms_GROUP) {
    let index = (k - ms_chunk.first_component) * ms_chunk.sample_count + first + at - ms_chunk.first_sample;
    let place = ms_GroupPlace(k, first + at, index, 1u, min(ms_GROUP, count - at));
    var y: ms_Points;
    ms_draw_group(place, &y);
    var x = ms_place(k, &y, ms_params.draw_scale);
    var square = ms_all(0.0);
    for (var i = 0u; i < DIM; i++) {
      y[i] = ms_params.draw_scale * y[i];
      square += ms_times(y[i], y[i]);
    }
    ms_keep_draws(place, &y);
    let log_q = ms_density(&x, ms_control.components, ms_Own(k, square)).log_q;
    var l = ms_all(ms_NO_VALUE);
    for (var s = 0u; s < place.count; s++) {
      var point = ms_point(&x, s);
      l = ms_put(l, s, ms_evaluate(&point, 0u));
    }
    let f = l - ms_control.temperature * log_q;
    if (!based) {
      for (var s = ms_GROUP; s > 0u; s--) {
        let value = ms_number(l, s - 1u);
        if (value != ms_NO_VALUE) {
          based = true;
          base = vec2f(value, ms_number(f, s - 1u));
        }
      }
    }
    let usable = ms_above(l, ms_NO_VALUE);
    ms_add(&sums, usable, ms_times(usable, l - ms_all(base.x)), ms_times(usable, f - ms_all(base.y)), &y);
    let news = ms_above_each(l, best);
    best_at = ms_where(news, ms_all(f32(at)), best_at);
    best = ms_where(news, l, best);
  }
  var best_value = ms_NO_VALUE;
  var best_sample = first;
  for (var s = 0u; s < ms_GROUP; s++) {
    let value = ms_number(best, s);
    let sample = first + u32(ms_number(best_at, s)) + s;
    if (value > best_value || (value == best_value && sample < best_sample)) {
      best_value = value;
      best_sample = sample;
    }
  }

  let part = (k * ms_params.leaves + leaf) * ms_PART;
  let usable = ms_total(sums.count);
  let divisor = max(usable, 1.0);
  let l_shift = ms_total(sums.l) / divisor;
  let f_shift = ms_total(sums.f) / divisor;
  ms_parts[part + ms_PART_USABLE] = usable;
  ms_parts[part + ms_PART_WEIGHT] = usable;
  ms_parts[part + ms_PART_WEIGHT_SQUARES] = usable;
  ms_parts[part + ms_PART_F] = base.y + f_shift;
  ms_parts[part + ms_PART_L] = base.x + l_shift;
  ms_parts[part + ms_PART_L_SQUARES] = max(ms_total(sums.l_squares) - usable * l_shift * l_shift, 0.0);
  ms_parts[part + ms_PART_BEST] = best_value;
  // Times n/(n - 1), since the mean is the leaf's own.
  ms_write_moments(part, &sums, f_shift, usable / max(usable - 1.0, 1.0));
  // The leaf's best point, if it is news to its component: drawn once more.
  if (best_value > ms_components[k * ms_RECORD + ms_BEST]) {
    let eps = ms_draw_normals(best_sample, k);
    for (var i = 0u; i < DIM; i++) {
      var sum = 0.0;
      for (var j = 0u; j <= i; j++) {
        sum += ms_factors[k * 2u * ms_FACTOR + i * (i + 1u) / 2u + j] * eps[j];
      }
      ms_parts[part + ms_PART_BEST_POINT + i] = ms_components[ms_mean_of(k) + i] + ms_params.draw_scale * sum;
    }
  }
}
