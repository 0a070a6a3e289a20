/**
 * What is promised, if it comes in time. What comes later is of no interest, and neither is its failure.
 *
 * @param within milliseconds
 * @throws when it fails, or does not come in time
 */
export async function inTime<T>(promised: Promise<T>, within: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not come in time')), Math.max(0, within));
  });
  return Promise.race([promised, late]).finally(() => clearTimeout(timer));
}
