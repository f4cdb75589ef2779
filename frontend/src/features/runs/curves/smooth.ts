/**
 * Smoothing as TensorBoard does it: an exponential moving average whose begin isn't drawn towards 0 ("debiased").
 * `weight`: 0 leaves all as it is, towards 1 the past counts more.
 */
export function smoothed(values: readonly number[], weight: number): number[] {
  if (weight <= 0) return [...values];
  // A constant stays what it is to the last digit.
  if (values.every((value) => value === values[0])) return [...values];
  let last = 0;
  let left = 1;
  return values.map((value) => {
    last = last * weight + (1 - weight) * value;
    left *= weight;
    return last / (1 - left);
  });
}
