// Cholesky of the Gram matrix in storage by one workgroup: right-looking, by panels of ms_PANEL columns, and what is solved with it.
// Four barriers a panel, not two a column.

const ms_PANEL: u32 = 16u;
// A pivot below this share of its diagonal entry is rounding.
const ms_PIVOT_LEAST: f32 = 1.0e-7;

var<workgroup> ms_corner: array<f32, ms_PANEL * ms_PANEL>;
var<workgroup> ms_unsound: u32;

fn ms_gram_at(row: u32, column: u32) -> u32 {
  return ms_gram_base + row * (row + 1u) / 2u + column;
}

fn ms_solve_barrier() {
  storageBarrier();
  workgroupBarrier();
}

fn ms_load_corner(lane: u32, first: u32, width: u32) {
  for (var p = lane; p < ms_PANEL * ms_PANEL; p += ms_LANES) {
    let r = p / ms_PANEL;
    let c = p % ms_PANEL;
    if (r < width && c <= r) {
      ms_corner[p] = ms_gram[ms_gram_at(first + r, first + c)];
    }
  }
  workgroupBarrier();
}

// Factorises the panel's own corner; a pivot that is not positive is noted and replaced, so that the control flow stays uniform.
fn ms_factorise_corner(first: u32, width: u32) {
  for (var c = 0u; c < width; c++) {
    for (var r = c; r < width; r++) {
      var rest = ms_corner[r * ms_PANEL + c];
      for (var m = 0u; m < c; m++) {
        rest -= ms_corner[r * ms_PANEL + m] * ms_corner[c * ms_PANEL + m];
      }
      if (r == c) {
        let sound = ms_is_finite(rest) && rest > ms_PIVOT_LEAST * ms_fit[ms_fit_base + ms_FIT_DIAGONAL + first + c] && rest > 1.0e-30;
        if (!sound) {
          ms_unsound = 1u;
        }
        ms_corner[r * ms_PANEL + c] = sqrt(select(1.0, rest, sound));
      } else {
        ms_corner[r * ms_PANEL + c] = rest / ms_corner[c * ms_PANEL + c];
      }
    }
  }
}

fn ms_subtract(row: u32, column: u32, products: vec4f) {
  for (var j = 0u; j < 4u; j++) {
    if (row < ms_FEATURES && column + j <= row) {
      ms_gram[ms_gram_at(row, column + j)] -= products[j];
    }
  }
}

fn ms_four_below(row: u32, column: u32) -> vec4f {
  let last = ms_FEATURES - 1u;
  return vec4f(
    ms_gram[ms_gram_at(row, column)],
    ms_gram[ms_gram_at(min(row + 1u, last), column)],
    ms_gram[ms_gram_at(min(row + 2u, last), column)],
    ms_gram[ms_gram_at(min(row + 3u, last), column)],
  );
}

// False where a pivot was not positive.
fn ms_factorise_gram(lane: u32) -> bool {
  if (lane == 0u) {
    ms_unsound = 0u;
  }
  for (var first = 0u; first < ms_FEATURES; first += ms_PANEL) {
    let width = min(ms_PANEL, ms_FEATURES - first);
    ms_load_corner(lane, first, width);
    if (lane == 0u) {
      ms_factorise_corner(first, width);
    }
    workgroupBarrier();
    for (var p = lane; p < ms_PANEL * ms_PANEL; p += ms_LANES) {
      let r = p / ms_PANEL;
      let c = p % ms_PANEL;
      if (r < width && c <= r) {
        ms_gram[ms_gram_at(first + r, first + c)] = ms_corner[p];
      }
    }
    let next = first + width;
    for (var r = next + lane; r < ms_FEATURES; r += ms_LANES) {
      let at = ms_gram_at(r, first);
      for (var c = 0u; c < width; c++) {
        var rest = ms_gram[at + c];
        for (var m = 0u; m < c; m++) {
          rest -= ms_gram[at + m] * ms_corner[c * ms_PANEL + m];
        }
        ms_gram[at + c] = rest / ms_corner[c * ms_PANEL + c];
      }
    }
    ms_solve_barrier();
    // What is left of the triangle, by 4 x 4 blocks. There is something left only after a full panel.
    let blocks = (ms_FEATURES - next + 3u) / 4u;
    for (var b = lane; b < blocks * (blocks + 1u) / 2u; b += ms_LANES) {
      let block = next + 4u * ms_lower_entry(b);
      var sum0 = vec4f(0.0);
      var sum1 = vec4f(0.0);
      var sum2 = vec4f(0.0);
      var sum3 = vec4f(0.0);
      for (var c = first; c < first + ms_PANEL; c++) {
        let left = ms_four_below(block.x, c);
        let right = ms_four_below(block.y, c);
        sum0 += left.x * right;
        sum1 += left.y * right;
        sum2 += left.z * right;
        sum3 += left.w * right;
      }
      ms_subtract(block.x, block.y, sum0);
      ms_subtract(block.x + 1u, block.y, sum1);
      ms_subtract(block.x + 2u, block.y, sum2);
      ms_subtract(block.x + 3u, block.y, sum3);
    }
    ms_solve_barrier();
  }
  return workgroupUniformLoad(&ms_unsound) == 0u;
}

// Solves L L^T x = b in place, for x at `base` of ms_fit.
fn ms_substitute(lane: u32, base: u32) {
  for (var first = 0u; first < ms_FEATURES; first += ms_PANEL) {
    let width = min(ms_PANEL, ms_FEATURES - first);
    ms_load_corner(lane, first, width);
    if (lane == 0u) {
      for (var r = 0u; r < width; r++) {
        var rest = ms_fit[base + first + r];
        for (var c = 0u; c < r; c++) {
          rest -= ms_corner[r * ms_PANEL + c] * ms_fit[base + first + c];
        }
        ms_fit[base + first + r] = rest / ms_corner[r * ms_PANEL + r];
      }
    }
    ms_solve_barrier();
    for (var r = first + width + lane; r < ms_FEATURES; r += ms_LANES) {
      var rest = ms_fit[base + r];
      for (var c = first; c < first + width; c++) {
        rest -= ms_gram[ms_gram_at(r, c)] * ms_fit[base + c];
      }
      ms_fit[base + r] = rest;
    }
    ms_solve_barrier();
  }
  for (var panel = (ms_FEATURES + ms_PANEL - 1u) / ms_PANEL; panel > 0u; panel--) {
    let first = (panel - 1u) * ms_PANEL;
    let width = min(ms_PANEL, ms_FEATURES - first);
    ms_load_corner(lane, first, width);
    if (lane == 0u) {
      for (var r = width; r > 0u; r--) {
        var rest = ms_fit[base + first + r - 1u];
        for (var c = r; c < width; c++) {
          rest -= ms_corner[c * ms_PANEL + r - 1u] * ms_fit[base + first + c];
        }
        ms_fit[base + first + r - 1u] = rest / ms_corner[(r - 1u) * ms_PANEL + r - 1u];
      }
    }
    ms_solve_barrier();
    for (var r = lane; r < first; r += ms_LANES) {
      var rest = ms_fit[base + r];
      for (var c = first; c < first + width; c++) {
        rest -= ms_gram[ms_gram_at(c, r)] * ms_fit[base + c];
      }
      ms_fit[base + r] = rest;
    }
    ms_solve_barrier();
  }
}
