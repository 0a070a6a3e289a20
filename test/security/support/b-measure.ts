/**
 * Milliseconds that each of two ways takes, by their medians, taken in turns so that both meet the same weather; and the
 * median of what lies between the two of each turn, which a noisy machine disturbs least.
 */
export async function mediansOf(
  samples: number,
  left: (index: number) => unknown,
  right: (index: number) => unknown,
): Promise<{ left: number; right: number; difference: number }> {
  const times: [number[], number[]] = [[], []];
  for (let index = 0; index < samples; index++) {
    const order = index % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const side of order) {
      const start = performance.now();
      await (side === 0 ? left : right)(index);
      times[side].push(performance.now() - start);
    }
  }
  const between = times[0].map((time, index) => time - (times[1][index] ?? 0));
  return { left: median(times[0]), right: median(times[1]), difference: Math.abs(median(between)) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
