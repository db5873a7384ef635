// The eigenvalues of -G, and |(kappa - G)^-1 g|^2 for any kappa. Householder reflections on the work triangle make -G tridiagonal and
// g a multiple of the first axis; each eigenvalue is then found by one lane, by counting those below a bound (Sturm).

// Bound on the error of an eigenvalue, and of a Cholesky factor of kappa - G, as a share of the largest eigenvalue.
const ms_SPECTRUM_ERROR: f32 = 2.0e-5;
const ms_HALVINGS: u32 = 26u;

var<workgroup> ms_eigenvalues: array<f32, DIM>;
// Row i of the tridiagonal matrix: entry (i, i), and the size of entry (i + 1, i), which is 0 in the last row.
var<workgroup> ms_tridiagonal: array<vec2f, DIM>;
// What the current reflection sends to one axis, and in the other half what the next one will. Its image under the matrix lies in
// ms_vector, which the Cholesky factorisation uses later on: workgroup memory is short at d = 512.
var<workgroup> ms_axis: array<f32, 2u * DIM>;

// `squares`: |g|^2 and the sum of the squares of G. Called by all lanes together.
fn ms_find_spectrum(k: u32, lane: u32, squares: vec2f) {
  let moments = k * ms_MOMENT;
  let norm = max(sqrt(squares.y), 1.0e-30);
  let length = max(sqrt(squares.x), 1.0e-30);
  ms_work_open(k);
  for (var p = lane; p < ms_PAIRS; p += ms_LANES) {
    ms_work_set(p, -ms_moments[moments + DIM + p] / norm);
  }
  for (var i = lane; i < DIM; i += ms_LANES) {
    ms_axis[i] = ms_moments[moments + i] / length;
  }
  ms_work_barrier();
  for (var j = 0u; j < DIM; j++) {
    ms_reflect(lane, j);
  }
  // Scaled by the norm, all eigenvalues lie within [-1, 1].
  for (var i = lane; i < DIM; i += ms_LANES) {
    ms_eigenvalues[i] = norm * ms_eigenvalue(i);
  }
  workgroupBarrier();
  for (var i = lane; i < DIM; i += ms_LANES) {
    ms_tridiagonal[i] *= norm;
  }
  ms_work_barrier();
}

// Reflects the axes from j on so that column j - 1 (g, for j = 0) of the matrix has nothing below row j.
fn ms_reflect(lane: u32, j: u32) {
  let now = (j % 2u) * DIM;
  let next = DIM - now;
  // H = 1 - factor v v^T, where v is the column with `lift` added to its first entry.
  var lift = 0.0;
  var factor = 0.0;
  if (lane < DIM) {
    var square = 0.0;
    for (var m = j; m < DIM; m++) {
      square += ms_axis[now + m] * ms_axis[now + m];
    }
    let length = sqrt(square);
    let head = ms_axis[now + j];
    if (square > 1.0e-30) {
      lift = select(-length, length, head >= 0.0);
      factor = 1.0 / (length * (length + abs(head)));
    }
    if (lane == 0u && j > 0u) {
      ms_tridiagonal[j - 1u].y = length;
    }
    for (var i = j + lane; i < DIM; i += ms_LANES) {
      let row = i * (i + 1u) / 2u;
      var sum = lift * ms_work_get(row + j);
      for (var m = j; m <= i; m++) {
        sum += ms_work_get(row + m) * ms_axis[now + m];
      }
      var at = row + i + 1u + i;
      for (var m = i + 1u; m < DIM; m++) {
        sum += ms_work_get(at) * ms_axis[now + m];
        at += m + 1u;
      }
      ms_vector[i] = factor * sum;
    }
  }
  workgroupBarrier();
  if (lane < DIM) {
    var product = lift * ms_vector[j];
    for (var m = j; m < DIM; m++) {
      product += ms_axis[now + m] * ms_vector[m];
    }
    for (var i = j + lane; i < DIM; i += ms_LANES) {
      let row = i * (i + 1u) / 2u;
      let own = ms_axis[now + i] + select(0.0, lift, i == j);
      let rest = ms_vector[i] - factor * product * own;
      let first = ms_work_get(row + j) - own * ms_vector[j] - rest * (ms_axis[now + j] + lift);
      ms_work_set(row + j, first);
      for (var m = j + 1u; m <= i; m++) {
        ms_work_set(row + m, ms_work_get(row + m) - own * ms_vector[m] - rest * ms_axis[now + m]);
      }
      if (i == j) {
        ms_tridiagonal[j].x = first;
      } else {
        ms_axis[next + i] = first;
      }
    }
  }
  ms_work_barrier();
}

// Eigenvalue number `index`, from the least, of the tridiagonal matrix.
fn ms_eigenvalue(index: u32) -> f32 {
  var low = -1.001;
  var high = 1.001;
  for (var halving = 0u; halving < ms_HALVINGS; halving++) {
    let middle = 0.5 * (low + high);
    var below = 0u;
    var pivot = 1.0;
    var link = 0.0;
    for (var i = 0u; i < DIM; i++) {
      let row = ms_tridiagonal[i];
      pivot = row.x - middle - link / pivot;
      if (abs(pivot) < 1.0e-20) {
        pivot = -1.0e-20;
      }
      below += select(0u, 1u, pivot < 0.0);
      link = row.y * row.y;
    }
    if (below > index) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return 0.5 * (low + high);
}

// |(kappa - G)^-1 g|^2 at kappa = base + gap, where no eigenvalue of -G is below -base; `length` is |g|. As g lies along the first
// axis, it is |g|^2 times the derivative of -1 / pivot, the continued fraction in the first entry of the inverse.
fn ms_distance(k: u32, base: f32, gap: f32, length: f32) -> f32 {
  var pivot = 1.0;
  var slope = 0.0;
  for (var step = 0u; step < DIM; step++) {
    let row = ms_tridiagonal[DIM - 1u - step];
    let share = row.y / pivot;
    slope = 1.0 + min(share * share * slope, 1.0e30);
    pivot = max(row.x + base + gap - row.y * share, gap);
  }
  let shift = min(length / pivot * sqrt(slope), 1.0e15);
  return shift * shift;
}
