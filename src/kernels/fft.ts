/** Batched discrete Fourier transforms along one axis of complex arrays: rows and then columns make a 2-D transform. */
import fft from '../../shaders/fft.wgsl?raw';
import { OptionError } from '../gpu/errors.ts';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { lineTransform, MAX_LINE, unrolled } from './fft-unrolled.ts';

export interface FftSpec {
  /** Numbers a line: a power of two, 128 at most. */
  size: number;
  /** Sign of the exponent. Neither direction divides by the size. */
  sign: 1 | -1;
}

export const FFT_LANES = 64;

/**
 * In place on `ms_field`, an array [outer][size][inner] of complex numbers; `ms_lines` holds `outer * inner` (the number of lines),
 * `inner` and the width of the dispatch grid. One invocation a line.
 */
export function fftKernel({ size, sign }: FftSpec): KernelSource {
  if (!(size >= 2 && size <= MAX_LINE && Number.isInteger(Math.log2(size)))) {
    throw new OptionError(`a line of an FFT holds a power of two of numbers, from 2 to ${MAX_LINE}, not ${size}`);
  }
  // exp(-i a) z = swap(exp(i a) swap(z)), where swap exchanges real and imaginary part.
  const parts = sign === 1 ? 'xy' : 'yx';
  const lines = `
fn ms_read_line(line: ptr<function, ms_Line>, first: u32, stride: u32) {
${unrolled(size, (j) => `(*line)[${j}] = ms_field[first + ${j}u * stride].${parts};`)}}

fn ms_write_line(line: ptr<function, ms_Line>, first: u32, stride: u32) {
${unrolled(size, (j) => `ms_field[first + ${j}u * stride] = (*line)[${j}].${parts};`)}}
`;
  return compose({
    label: `fft of ${size}`,
    lanes: FFT_LANES,
    constants: { DIM: size },
    bindings: [
      { name: 'ms_lines', kind: 'uniform', type: 'vec4u' },
      { name: 'ms_field', kind: 'write', type: 'array<vec2f>' },
    ],
    modules: [lineTransform(size), lines, fft],
  });
}
