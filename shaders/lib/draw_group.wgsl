// The normals of a group of samples. Rows past the last coordinate of a point are left at 0.
fn ms_draw_group(place: ms_GroupPlace, y: ptr<function, ms_Points>) {
  for (var block = 0u; 4u * block < DIM; block++) {
    for (var four = 0u; four < (ms_GROUP + 3u) / 4u; four++) {
      let words = ms_random_each(block, ms_four_samples(place, 4u * four), place.component);
      let first = ms_normals_each(words[0], words[1]);
      let second = ms_normals_each(words[2], words[3]);
      ms_put_four(y, 4u * block, four, first[0]);
      if (4u * block + 1u < DIM) {
        ms_put_four(y, 4u * block + 1u, four, first[1]);
      }
      if (4u * block + 2u < DIM) {
        ms_put_four(y, 4u * block + 2u, four, second[0]);
      }
      if (4u * block + 3u < DIM) {
        ms_put_four(y, 4u * block + 3u, four, second[1]);
      }
    }
  }
}
