import { CliError } from '../device-sign-in/cli-error.js';

const WORDS: Readonly<Record<string, string>> = {
  EROFS: 'the file system is read-only',
  EPERM: 'this is not allowed to you',
  EACCES: 'this is not allowed to you',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is full',
  ENOTDIR: 'a file stands where a folder has to be',
  EEXIST: 'a file stands where a folder has to be',
  EISDIR: 'a folder stands where a file has to be',
  ERR_FS_EISDIR: 'a folder stands where a file has to be',
  ELOOP: 'links lead around in a circle',
  EIO: 'the disk does not work',
};

/**
 * Does something with a file or folder of this program.
 *
 * @throws {CliError} in words, instead of what the file system says: whoever runs this can put it right
 */
export function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    const why = WORDS[code] ? `${WORDS[code]} (${code})` : message;
    throw new CliError(`${path} cannot be written: ${why}.`, { cause });
  }
}
