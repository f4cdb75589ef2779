/** The path of a small drawing: first to last step, least to greatest loss, with room for the stroke. */
export function pathOf({ steps, loss }: { steps: readonly number[]; loss: readonly number[] }, width: number, height: number): string {
  const from = steps[0] ?? 0;
  const span = (steps.at(-1) ?? 0) - from || 1;
  const least = Math.min(...loss);
  const range = Math.max(...loss) - least;
  const round = (value: number) => Math.round(value * 10) / 10;
  return loss
    .map((value, index) => {
      const x = (((steps[index] ?? 0) - from) / span) * width;
      // What never changes runs along the middle.
      const up = range === 0 ? 0.5 : (value - least) / range;
      return `${index ? "L" : "M"}${round(x)} ${round(1 + (1 - up) * (height - 2))}`;
    })
    .join("");
}
