// Solving with a component's factor out of its packed blocks (factor_packed.wgsl), in loops over them. ms_packed_block: the rows of a block.

// y = L^-1 (x - mean); returns |y|^2. From the last row of blocks to the first, so that y may hold x - mean until its row comes.
fn ms_whiten(component: u32, x: ptr<function, ms_Points>, y: ptr<function, ms_Points>) -> ms_Group {
  let mean = component * ms_PACKED + 1u;
  for (var g = 0u; g < ms_BLOCK_ROWS; g++) {
    let centre = ms_packed[mean + g];
    for (var r = 0u; r < 4u; r++) {
      (*y)[4u * g + r] = (*x)[4u * g + r] - ms_all(centre[r]);
    }
  }
  var square = ms_all(0.0);
  for (var g = ms_BLOCK_ROWS; g > 0u; g--) {
    var at = mean + ms_BLOCK_ROWS + 2u * g * (g - 1u);
    var sum0 = ms_all(0.0);
    var sum1 = ms_all(0.0);
    var sum2 = ms_all(0.0);
    var sum3 = ms_all(0.0);
    for (var c = 0u; c < g; c++) {
      let block = ms_packed_block(at);
      let y0 = (*y)[4u * c];
      let y1 = (*y)[4u * c + 1u];
      let y2 = (*y)[4u * c + 2u];
      let y3 = (*y)[4u * c + 3u];
      sum0 += block[0].x * y0 + block[0].y * y1 + block[0].z * y2 + block[0].w * y3;
      sum1 += block[1].x * y0 + block[1].y * y1 + block[1].z * y2 + block[1].w * y3;
      sum2 += block[2].x * y0 + block[2].y * y1 + block[2].z * y2 + block[2].w * y3;
      sum3 += block[3].x * y0 + block[3].y * y1 + block[3].z * y2 + block[3].w * y3;
      at += 4u;
    }
    let row = 4u * (g - 1u);
    (*y)[row] = sum0;
    (*y)[row + 1u] = sum1;
    (*y)[row + 2u] = sum2;
    (*y)[row + 3u] = sum3;
    square += ms_times(sum0, sum0) + ms_times(sum1, sum1) + ms_times(sum2, sum2) + ms_times(sum3, sum3);
  }
  return square;
}

// into <- keep into + weight L^-T y
fn ms_add_precision_times(component: u32, y: ptr<function, ms_Points>, weight: ms_Group, keep: ms_Group, into: ptr<function, ms_Points>) {
  for (var i = 0u; i < DIM; i++) {
    (*into)[i] = ms_times(keep, (*into)[i]);
  }
  var at = component * ms_PACKED + 1u + ms_BLOCK_ROWS;
  for (var g = 0u; g < ms_BLOCK_ROWS; g++) {
    let y0 = ms_times(weight, (*y)[4u * g]);
    let y1 = ms_times(weight, (*y)[4u * g + 1u]);
    let y2 = ms_times(weight, (*y)[4u * g + 2u]);
    let y3 = ms_times(weight, (*y)[4u * g + 3u]);
    for (var c = 0u; c <= g; c++) {
      let block = ms_packed_block(at);
      (*into)[4u * c] += block[0].x * y0 + block[1].x * y1 + block[2].x * y2 + block[3].x * y3;
      (*into)[4u * c + 1u] += block[0].y * y0 + block[1].y * y1 + block[2].y * y2 + block[3].y * y3;
      (*into)[4u * c + 2u] += block[0].z * y0 + block[1].z * y1 + block[2].z * y2 + block[3].z * y3;
      (*into)[4u * c + 3u] += block[0].w * y0 + block[1].w * y1 + block[2].w * y2 + block[3].w * y3;
      at += 4u;
    }
  }
}
