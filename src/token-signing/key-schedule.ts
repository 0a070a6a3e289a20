import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../protocol/signing-algorithm.js';
import type { KeyTimes } from './key-times.js';
import type { SigningKeyEntity, SigningKeyState } from './signing-key.entity.js';

/** What of a key its schedule is made of. */
export type ScheduledKey = Pick<
  SigningKeyEntity,
  'kid' | 'algorithm' | 'state' | 'createdAt' | 'signsFrom' | 'retiresAt' | 'goneAt' | 'revokedAt'
>;

/** One thing to do to the rows. */
export type ScheduleStep =
  | { readonly kind: 'announce'; readonly algorithm: SigningAlgorithm; readonly signsFrom: Date }
  | { readonly kind: 'plan'; readonly kid: string; readonly retiresAt: Date; readonly goneAt: Date }
  | { readonly kind: 'move'; readonly kid: string; readonly signsFrom: Date }
  | { readonly kind: 'note'; readonly kid: string; readonly state: SigningKeyState };

const STATES: readonly SigningKeyState[] = ['announced', 'signing', 'retiring', 'gone'];

/**
 * The state of each key at a moment, by its planned times and not by who has noted them: every node comes to the same, also
 * while the database is away. What is noted only goes on: a key that was noted as retiring never signs again, and one
 * that was noted as signing signs, however slow the clock.
 */
export function statesAt<Key extends ScheduledKey>(
  keys: readonly Key[],
  now: number,
): ReadonlyMap<Key, SigningKeyState> {
  const states = new Map<Key, SigningKeyState>();
  for (const algorithm of SIGNING_ALGORITHMS) {
    const own = keys.filter((key) => key.algorithm === algorithm);
    const signing = signingAt(own, now);
    for (const key of own) states.set(key, key === signing ? 'signing' : stateOf(key, now));
  }
  return states;
}

/** The key of one algorithm that signs: the one that began last. There is one as long as there is any that may. */
function signingAt<Key extends ScheduledKey>(keys: readonly Key[], now: number): Key | undefined {
  const usable = inOrder(keys).filter(({ state }) => state === 'announced' || state === 'signing');
  // Where none has begun, the next one begins: an answer without a signature is no answer.
  return usable.findLast((key) => key.state === 'signing' || timeOf(key.signsFrom) <= now) ?? usable[0];
}

function stateOf(key: ScheduledKey, now: number): SigningKeyState {
  if (key.state === 'gone' || (key.goneAt !== null && timeOf(key.goneAt) <= now)) return 'gone';
  const hasBegun = key.state !== 'announced' || timeOf(key.signsFrom) <= now;
  return hasBegun ? 'retiring' : 'announced';
}

/** The next moment after this one at which `statesAt` says something else. */
export function nextChange(keys: readonly ScheduledKey[], now: number): number {
  const times = keys.flatMap(({ signsFrom, goneAt }) => [timeOf(signsFrom), timeOf(goneAt)]);
  return Math.min(...times.filter((time) => time > now));
}

/** What is to be done to the rows, so that each algorithm has a key, each key a successor in time, and each its times. */
export function scheduleSteps(keys: readonly ScheduledKey[], times: KeyTimes, now: number): ScheduleStep[] {
  const states = statesAt(keys, now);
  const notes = keys
    .filter((key) => STATES.indexOf(states.get(key) ?? 'gone') > STATES.indexOf(key.state))
    // One that signs before its time, for want of another, is not noted: its time still comes.
    .filter((key) => states.get(key) !== 'signing' || timeOf(key.signsFrom) <= now)
    .map((key): ScheduleStep => ({ kind: 'note', kid: key.kid, state: states.get(key) ?? 'gone' }));
  const ofAlgorithms = SIGNING_ALGORITHMS.flatMap((algorithm) => {
    const own = inOrder(keys.filter((key) => key.algorithm === algorithm));
    const alive = own.filter((key) => states.get(key) !== 'gone');
    const first = keys.length === 0 ? now : now + times.announcement * 1000;
    return stepsOf(algorithm, alive, { times, now, first, before: own.findLast((key) => key !== alive.at(-1)) });
  });
  return [...notes, ...ofAlgorithms];
}

interface Planning {
  readonly times: KeyTimes;
  /** Epoch milliseconds. */
  readonly now: number;
  /**
   * When the first key of an algorithm begins: nobody has an older JWKS on the very first start only, and nodes of a release
   * that knows no other algorithm take whatever is noted as signing.
   */
  readonly first: number;
  /** The key before the newest, gone or not. */
  readonly before: ScheduledKey | undefined;
}

function stepsOf(algorithm: SigningAlgorithm, keys: readonly ScheduledKey[], planning: Planning): ScheduleStep[] {
  const { times, now, first } = planning;
  const newest = keys.at(-1);
  if (newest === undefined) return [{ kind: 'announce', algorithm, signsFrom: new Date(first) }];
  const pairs = keys.slice(0, -1).map((key, index) => planned(key, timeOf(keys[index + 1]?.signsFrom ?? null), times));
  const moved = wrongClock(newest, planning);
  if (moved !== undefined) return [{ kind: 'move', kid: newest.kid, signsFrom: new Date(moved) }];
  const begins = timeOf(newest.signsFrom);
  const wanted = begins + times.rotation * 1000;
  const announcedBy = wanted - times.announcement * 1000;
  // A key that does not sign yet needs no successor.
  if (begins > now || announcedBy > now || isJustMade(newest, planning))
    return [...pairs, planned(newest, wanted, times)].flat();
  const next = Math.max(wanted, now + times.announcement * 1000);
  return [...pairs.flat(), { kind: 'announce', algorithm, signsFrom: new Date(next) }, ...planned(newest, next, times)];
}

/**
 * A node whose clock is years ahead plans for its own time. When the next one has to begin instead; undefined: the plan is
 * sound. Who is before everything that is known is the one whose clock is wrong, and moves nothing.
 */
function wrongClock(newest: ScheduledKey, { times, now, before }: Planning): number | undefined {
  const farthest = now + (times.rotation + times.announcement) * 1000;
  if (timeOf(newest.signsFrom) <= farthest) return undefined;
  if (before !== undefined && timeOf(before.createdAt) > now) return undefined;
  return newest.state === 'announced' ? now + times.announcement * 1000 : now;
}

/** Two nodes that do not agree on the year would make one key after the other. */
function isJustMade({ createdAt, signsFrom }: ScheduledKey, { times, now }: Planning): boolean {
  const wasAnnounced = timeOf(signsFrom) > timeOf(createdAt);
  return wasAnnounced && Math.abs(now - timeOf(createdAt)) < times.announcement * 1000;
}

function planned(key: ScheduledKey, retires: number, times: KeyTimes): ScheduleStep[] {
  const [retiresAt, goneAt] = [new Date(retires), new Date(retires + times.keep * 1000)];
  const stands = timeOf(key.retiresAt) === retires && timeOf(key.goneAt) === goneAt.getTime();
  return stands ? [] : [{ kind: 'plan', kid: key.kid, retiresAt, goneAt }];
}

function inOrder<Key extends ScheduledKey>(keys: readonly Key[]): Key[] {
  return keys.toSorted((a, b) => timeOf(a.signsFrom) - timeOf(b.signsFrom) || (a.kid < b.kid ? -1 : 1));
}

function timeOf(time: Date | null): number {
  return time?.getTime() ?? 0;
}
