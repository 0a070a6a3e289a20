/** Does something with each of many, so many at a time. @throws what was thrown first; nothing new is begun then */
export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  let isBroken = false;
  const worker = async (): Promise<void> => {
    for (const item of left) {
      if (isBroken) return;
      await work(item);
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () =>
    worker().catch((error: unknown) => {
      isBroken = true;
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(workers);
  const first = outcomes.find((outcome) => outcome.status === 'rejected');
  if (first !== undefined) throw first.reason;
}
