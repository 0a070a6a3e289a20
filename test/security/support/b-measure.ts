/** Milliseconds that each of two ways takes, by their medians, taken in turns so that both meet the same weather. */
export async function mediansOf(
  samples: number,
  left: (index: number) => Promise<unknown> | unknown,
  right: (index: number) => Promise<unknown> | unknown,
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
  const [l, r] = [median(times[0]), median(times[1])];
  return { left: l, right: r, difference: Math.abs(l - r) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
