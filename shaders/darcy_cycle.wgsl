// The preconditioner: one multigrid V-cycle from 0 for A z = r, with A u = sum over the four neighbours of (a + a')(u - u'), which is
// -div(a grad u) times 2 h^2. Red-black Gauss-Seidel before and, in reverse, after: a symmetric positive definite map of r to z
// (Hackbusch, Multi-Grid Methods and Applications, 1985). Coarser grids have half the intervals, rounded up, so their nodes need not
// be among the finer one's: bilinear interpolation, its transpose, and the same stencil with the permeability at their own nodes.
// Fields lie grid after grid with their boundaries, which hold the 0 that the buffer began with: nothing writes there.

const ms_NEAR: u32 = ms_LANES / ms_WIDTH;

var<private> ms_permeability_first: u32;
var<private> ms_work_first: u32;
// The lane's place in the pattern of ms_WIDTH by ms_NEAR nodes that the workgroup moves over a grid.
var<private> ms_place: vec2u;

struct ms_Grid {
  nodes: u32,
  first: u32,
}

fn ms_grid(level: u32) -> ms_Grid {
  return ms_Grid(ms_levels[level].x, ms_levels[level].y);
}

// What couples a node with its neighbours: east, west, north, south.
fn ms_faces(grid: ms_Grid, i: u32) -> vec4f {
  let at = ms_permeability_first + grid.first + i;
  return ms_permeability[at] +
    vec4f(ms_permeability[at + 1u], ms_permeability[at - 1u], ms_permeability[at + grid.nodes], ms_permeability[at - grid.nodes]);
}

fn ms_neighbours(field: u32, grid: ms_Grid, i: u32) -> vec4f {
  let at = ms_work_first + field + i;
  return vec4f(ms_work[at + 1u], ms_work[at - 1u], ms_work[at + grid.nodes], ms_work[at - grid.nodes]);
}

fn ms_total(parts: vec4f) -> f32 {
  return (parts.x + parts.y) + (parts.z + parts.w);
}

// The first node of a colour in row y for this lane; the next ones are 2 ms_WIDTH apart.
fn ms_first_of(colour: u32, y: u32) -> u32 {
  return 1u + ((y + colour) & 1u) + 2u * ms_place.x;
}

// Solves the equations of one colour's nodes; `alone`: the other colour is still 0, whatever is stored there.
fn ms_relax(grid: ms_Grid, colour: u32, alone: bool) {
  for (var y = 1u + ms_place.y; y < grid.nodes - 1u; y += ms_NEAR) {
    for (var x = ms_first_of(colour, y); x < grid.nodes - 1u; x += 2u * ms_WIDTH) {
      let i = y * grid.nodes + x;
      let faces = ms_faces(grid, i);
      var side = ms_work[ms_work_first + ms_R + grid.first + i];
      if (!alone) {
        side += ms_total(faces * ms_neighbours(ms_Z + grid.first, grid, i));
      }
      ms_work[ms_work_first + ms_Z + grid.first + i] = side / ms_total(faces);
    }
  }
  storageBarrier();
}

// r - A z at the red nodes, after the black ones' equations have been solved: there it is 0.
fn ms_leave_over(grid: ms_Grid) {
  for (var y = 1u + ms_place.y; y < grid.nodes - 1u; y += ms_NEAR) {
    for (var x = ms_first_of(0u, y); x < grid.nodes - 1u; x += 2u * ms_WIDTH) {
      let i = y * grid.nodes + x;
      let at = ms_work_first + grid.first + i;
      let fall = ms_work[at + ms_Z] - ms_neighbours(ms_Z + grid.first, grid, i);
      ms_work[ms_work_first + ms_Q + i] = ms_work[at + ms_R] - ms_total(ms_faces(grid, i) * fall);
    }
  }
  storageBarrier();
}

// The coarser grid's right side: the transpose of interpolation.
fn ms_restrict(fine: ms_Grid, coarse: ms_Grid) {
  let many = fine.nodes - 1u;
  let few = coarse.nodes - 1u;
  let scale = 1.0 / f32(many);
  for (var y = 1u + ms_place.y; y < few; y += ms_NEAR) {
    for (var x = 1u + ms_place.x; x < few; x += ms_WIDTH) {
      // Fine nodes less than one coarse interval away.
      let low = vec2u(((x - 1u) * many) / few + 1u, ((y - 1u) * many) / few + 1u);
      let high = vec2u(((x + 1u) * many - 1u) / few, ((y + 1u) * many - 1u) / few);
      var sum = 0.0;
      for (var v = low.y; v <= high.y; v++) {
        var line = 0.0;
        for (var u = low.x + ((low.x + 1u + v) & 1u); u <= high.x; u += 2u) {
          let weight = 1.0 - scale * abs(f32(i32(u * few) - i32(x * many)));
          line += weight * ms_work[ms_work_first + ms_Q + v * fine.nodes + u];
        }
        sum += line * (1.0 - scale * abs(f32(i32(v * few) - i32(y * many))));
      }
      ms_work[ms_work_first + ms_R + coarse.first + y * coarse.nodes + x] = sum;
    }
  }
  storageBarrier();
}

// Adds the coarser grid's correction at the red nodes; the black ones are solved for next, from the red ones alone.
fn ms_correct(fine: ms_Grid, coarse: ms_Grid) {
  let many = fine.nodes - 1u;
  let few = coarse.nodes - 1u;
  let scale = 1.0 / f32(many);
  for (var y = 1u + ms_place.y; y < many; y += ms_NEAR) {
    let v = (y * few) / many;
    let t = scale * f32(y * few - v * many);
    for (var x = ms_first_of(0u, y); x < many; x += 2u * ms_WIDTH) {
      let u = (x * few) / many;
      let s = scale * f32(x * few - u * many);
      let at = ms_work_first + ms_Z + coarse.first + v * coarse.nodes + u;
      let below = mix(ms_work[at], ms_work[at + 1u], s);
      let above = mix(ms_work[at + coarse.nodes], ms_work[at + coarse.nodes + 1u], s);
      ms_work[ms_work_first + ms_Z + fine.first + y * fine.nodes + x] += mix(below, above, t);
    }
  }
  storageBarrier();
}

// One loop down and up again, with every part at one place: drivers write functions out wherever they are called, and take their time.
fn ms_precondition() {
  let last = ms_LEVELS - 1u;
  for (var visit = 0u; visit <= 2u * last; visit++) {
    let level = select(2u * last - visit, visit, visit <= last);
    let grid = ms_grid(level);
    if (visit > last) {
      ms_correct(grid, ms_grid(level + 1u));
    } else if (visit > 0u) {
      ms_leave_over(ms_grid(level - 1u));
      ms_restrict(ms_grid(level - 1u), grid);
    }
    // Red and black; red, black and red on the coarsest grid; black and red on the way up.
    for (var half = 0u; half < select(2u, 3u, visit == last); half++) {
      ms_relax(grid, (half + select(0u, 1u, visit > last)) & 1u, visit <= last && half == 0u);
    }
  }
}
