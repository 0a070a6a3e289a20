import { hash, verify } from '@node-rs/argon2';
import { availableParallelism } from 'node:os';
import { isTooLong } from './password-rules.js';

/** argon2id with OWASP's first choice: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/**
 * Hashing shares libuv's threads with RSA signing. More at a time than there are cores would make every signature
 * wait, so the rest queue; a longer queue than this means an attack, and waiting would only help it.
 */
const AT_A_TIME = Math.max(1, Math.min(2, availableParallelism()));
const LONGEST_QUEUE = 32;

/** Too many passwords are being checked already. */
export class PasswordQueueFullError extends Error {
  override readonly name = 'PasswordQueueFullError';
}

let running = 0;
const queue: (() => void)[] = [];

/** How many are checked now, and how many wait for it. */
export function passwordChecks(): { readonly running: number; readonly waiting: number } {
  return { running, waiting: queue.length };
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_A_TIME) {
    if (queue.length >= LONGEST_QUEUE) throw new PasswordQueueFullError('too many passwords are being checked');
    await new Promise<void>((resolve) => queue.push(resolve));
  } else {
    running++;
  }
  try {
    return await work();
  } finally {
    const next = queue.shift();
    if (next === undefined) running--;
    else next();
  }
}

/** @throws {PasswordQueueFullError} */
export async function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(normalised(password), PARAMETERS));
}

let decoy: Promise<string> | undefined;

/**
 * Checks a password. For an unknown name pass null: the same work is done against a decoy, so that the answer takes
 * as long as for a known one. What is too long is nobody's password, and none of it is hashed: that would be free work
 * for a stranger.
 *
 * @throws {PasswordQueueFullError}
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  decoy ??= hash('a password that nobody has', PARAMETERS).catch((error: unknown) => {
    decoy = undefined;
    throw error;
  });
  const against = stored ?? (await decoy);
  const fits = !isTooLong(password);
  const matches = await inTurn(() => verify(against, fits ? normalised(password) : ''));
  return matches && fits && stored !== null;
}

/** NIST SP 800-63B §5.1.1.2: one form of each character, so that two keyboards type the same password. */
function normalised(password: string): string {
  return password.normalize('NFKC');
}
