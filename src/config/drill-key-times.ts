/** Seconds. See `token-signing/key-times.ts`. */
export interface DrillKeyTimes {
  readonly rotation: number;
  readonly announcement: number;
  readonly keep: number;
  readonly jwksMaxAge: number;
}

export const DRILL_KEY_TIMES_EXAMPLE = 'rotation=60,announcement=15,keep=40,jwksMaxAge=10';

const NAMES = ['rotation', 'announcement', 'keep', 'jwksMaxAge'] as const;

/**
 * Reads the times of a drill, in which signing keys change within minutes.
 *
 * @throws {Error} whose message completes the sentence "NAME …"
 */
export function parseDrillKeyTimes(text: string): DrillKeyTimes {
  const pairs = new Map(text.split(',').map((pair) => pair.split('=').map((part) => part.trim()) as [string, string]));
  const times = Object.fromEntries(NAMES.map((name) => [name, Number(pairs.get(name))]));
  const isWhole = NAMES.every((name) => Number.isInteger(times[name]) && Number(times[name]) > 0);
  if (!isWhole || pairs.size !== NAMES.length) throw new Error(`needs ${NAMES.join(', ')} in whole seconds`);
  return times as unknown as DrillKeyTimes;
}
