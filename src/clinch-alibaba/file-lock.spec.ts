import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CliError } from '../device-sign-in/cli-error.js';
import { FileLock } from './file-lock.js';

const TIMES = { patienceMs: 60_000, staleAfterMs: 400 };
/** A process that lives. */
const OWNER = JSON.stringify({ pid: process.pid, host: hostname(), nonce: 'a' });

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clinch-lock-'));
  path = join(folder, 'x.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const held = (times = TIMES) => new FileLock(path, times).hold(async () => Promise.resolve('done'), vi.fn());

describe('a lock whose owner lives', () => {
  it('is not taken by its age alone: clocks are set', async () => {
    writeFileSync(path, OWNER);
    utimesSync(path, new Date(0), new Date(0));
    const done = vi.fn();
    const taken = held().then(done);
    // It shows life, by a clock that is years behind.
    for (let second = 1; second <= 8; second += 1) {
      await delay(100);
      utimesSync(path, second, second);
    }
    expect(done).not.toHaveBeenCalled();
    rmSync(path);
    await taken;
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken when it has not changed while somebody looked', async () => {
    writeFileSync(path, OWNER);
    const before = performance.now();
    expect(await held()).toBe('done');
    expect(performance.now() - before).toBeGreaterThan(TIMES.staleAfterMs);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is waited for no longer than a person would', async () => {
    writeFileSync(path, OWNER);
    await expect(held({ patienceMs: 200, staleAfterMs: 60_000 })).rejects.toThrow('is held by another process');
  });
});

describe('what stands where the lock should be and cannot be read', () => {
  it.each([
    ['a folder', () => mkdirSync(path)],
    ['a link to nowhere', () => symlinkSync('/nowhere/at/all', path)],
    ['a link to itself', () => symlinkSync(path, path)],
  ])('%s: is waited for, and then said in words', async (_, put) => {
    put();
    const waits = vi.fn();
    const failed = new FileLock(path, TIMES).hold(async () => Promise.resolve(), waits);
    const error = await failed.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CliError);
    expect((error as Error).message).toBe(`${path} is no lock that this program can read. Delete it.`);
    expect(waits.mock.calls).toEqual([[undefined]]);
    expect(readdirSync(folder)).toEqual(['x.lock']);
  });

  it('a folder that cannot be made: is said in words at once', async () => {
    writeFileSync(join(folder, 'file'), '');
    path = join(folder, 'file', 'x.lock');
    await expect(held()).rejects.toThrow(
      /file cannot be written: a file stands where a folder has to be \(EEXIST\)\.$/,
    );
  });
});
