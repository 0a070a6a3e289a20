import { describe, expect, it } from 'vitest';
import { CliError } from '../device-sign-in/cli-error.js';
import { onDisk } from './on-disk.js';

function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: it failed`), { code });
  };
}

describe('what the file system refuses', () => {
  it.each([
    ['EROFS', 'the file system is read-only (EROFS)'],
    ['EPERM', 'this is not allowed to you (EPERM)'],
    ['EACCES', 'this is not allowed to you (EACCES)'],
    ['ENOSPC', 'the disk is full (ENOSPC)'],
    ['ENEW', 'ENEW: it failed'],
  ])('%s is said in words', (code, words) => {
    expect(() => onDisk('/a/file', failing(code))).toThrow(new CliError(`/a/file cannot be written: ${words}.`));
  });

  it('is told from a mistake of ours', () => {
    const mistake = new TypeError('no such method');
    expect(() =>
      onDisk('/a/file', () => {
        throw mistake;
      }),
    ).toThrow(mistake);
  });
});
