/** A Gaussian mixture as plain data, in the user's coordinates. Matrices are arrays of rows. */
export interface Mixture {
  /** Sum to one. */
  weights: number[];
  /** K means of d numbers each. */
  means: number[][];
  /** K matrices of d rows each. */
  covariances: number[][][];
}
