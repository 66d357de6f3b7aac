/** How a time grows with a number. */

/** One measurement: so many settings, so many milliseconds. */
export type Point = readonly [count: number, ms: number];

/**
 * The exponent of the power of the count that the times follow best (least squares of the logarithms).
 *
 * @returns 0 for flat, 1 for linear, 2 for quadratic
 */
export function growthExponent(points: readonly Point[]): number {
  const logs = points.map(([count, ms]) => [Math.log(count), Math.log(ms)] as const);
  const mean = (at: 0 | 1) => logs.reduce((sum, log) => sum + log[at], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return above / below;
}
