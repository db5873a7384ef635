/** Batched discrete Fourier transforms along one axis of complex arrays: rows and then columns make a 2-D transform. */
import fft from '../../shaders/fft.wgsl?raw';
import { OptionError } from '../gpu/errors.ts';
import { compose, type KernelSource } from '../gpu/wgsl.ts';
import { lineTransform, MAX_LINE } from './fft-unrolled.ts';

export interface FftSpec {
  /** Numbers a line: a power of two, 128 at most. */
  size: number;
  /** Sign of the exponent. Neither direction divides by the size. */
  sign: 1 | -1;
}

export const FFT_LANES = 64;

/**
 * In place on `ms_field`, an array [outer][size][inner] of complex numbers; `ms_lines` holds `outer * inner` (the number of lines),
 * `inner`, the width of the dispatch grid, and `size`. One invocation a line.
 */
export function fftKernel({ size, sign }: FftSpec): KernelSource {
  if (!(size >= 2 && size <= MAX_LINE && Number.isInteger(Math.log2(size)))) {
    throw new OptionError(`a line of an FFT holds a power of two of numbers, from 2 to ${MAX_LINE}, not ${size}`);
  }
  return compose({
    label: `fft of ${size}`,
    lanes: FFT_LANES,
    constants: { DIM: size, ms_BACKWARD: sign === -1 },
    bindings: [
      { name: 'ms_lines', kind: 'uniform', type: 'vec4u' },
      { name: 'ms_field', kind: 'write', type: 'array<vec2f>' },
    ],
    modules: [lineTransform(size), fft],
  });
}
