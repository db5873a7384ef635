/** A Gaussian mixture as plain data, in the user's coordinates. Matrices are arrays of rows. */
export interface Mixture {
  /** Sum to one. */
  weights: number[];
  means: number[][];
  covariances: number[][][];
}
