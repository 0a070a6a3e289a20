import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { onDisk } from './on-disk.js';
import type { RoleSettings, Settings } from './settings.js';

/** What STS gave, under the names that the Alibaba Cloud CLI reads. */
export interface Credentials {
  readonly access_key_id: string;
  readonly access_key_secret: string;
  readonly sts_token: string;
  /** RFC 3339, in UTC, without fractions. */
  readonly expiration: string;
}

/** Somebody who is signed in to one provider with one client id. */
export interface SignIn {
  readonly sub: string;
  /** For people. */
  readonly name: string;
  /** What STS is told that the session is called, unless an option says otherwise. */
  readonly sessionName: string;
  readonly refreshToken: string;
  /** By what they are for; those of the past are left out. */
  readonly credentials: Readonly<Record<string, Credentials>>;
}

/** Credentials are given away until five minutes before their end, so that what is begun with them can be finished. */
const MARGIN_MS = 5 * 60_000;
/** While there are no others to be had, until there is hardly time for a request. */
const LAST_MARGIN_MS = 30_000;

/** The file that keeps a sign-in and its credentials, readable by its owner alone. */
export class StateFile {
  readonly path: string;

  constructor(private readonly settings: Settings) {
    const { issuer, clientId, folder } = settings;
    const digest = createHash('sha256').update(`${issuer}\n${clientId}`).digest('hex').slice(0, 16);
    this.path = join(folder, `${clientId.replace(/[^\w.-]/g, '_').slice(0, 60)}-${digest}.json`);
  }

  /** @returns undefined when nobody is signed in, or the file is damaged: then it is as if nobody were */
  read(): SignIn | undefined {
    try {
      const stored = JSON.parse(readFileSync(this.path, 'utf8')) as Record<string, unknown>;
      const { issuer, client_id: clientId, sub, name, session_name: sessionName, refresh_token: refreshToken } = stored;
      if (issuer !== this.settings.issuer || clientId !== this.settings.clientId) return undefined;
      if (typeof sub !== 'string' || typeof name !== 'string') return undefined;
      if (typeof sessionName !== 'string' || typeof refreshToken !== 'string') return undefined;
      return { sub, name, sessionName, refreshToken, credentials: ofUse(stored.credentials) };
    } catch {
      return undefined;
    }
  }

  /** @throws {CliError} when there is no room, or no right to */
  write({ sub, name, sessionName, refreshToken, credentials }: SignIn): void {
    const { issuer, clientId } = this.settings;
    const whose = { issuer, client_id: clientId, sub, name, session_name: sessionName };
    const text = JSON.stringify({ ...whose, refresh_token: refreshToken, credentials: ofUse(credentials) }, null, 2);
    onDisk(this.path, () => this.replace(`${text}\n`));
  }

  /** @throws {CliError} when it is still there */
  delete(): void {
    onDisk(this.path, () => rmSync(this.path, { force: true }));
  }

  /**
   * Removes what is left of processes that died while they wrote, as a refresh token is in it. To be called by the one process
   * that may write.
   *
   * @throws {CliError} when something is left
   */
  deleteLeftovers(): void {
    const folder = dirname(this.path);
    const beginning = `${basename(this.path)}.`;
    const isLeft = (name: string) => name.startsWith(beginning) && /^[0-9a-f]{12}$/.test(name.slice(beginning.length));
    onDisk(folder, () => {
      for (const name of readdirSync(folder).filter(isLeft)) rmSync(join(folder, name), { force: true });
    });
  }

  private replace(text: string): void {
    const folder = dirname(this.path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // It may have been there before, with another mode.
    chmodSync(folder, 0o700);
    // Beside it and then in its place: half a file would be a lost sign-in, and the mode counts only for a new file.
    const fresh = `${this.path}.${randomBytes(6).toString('hex')}`;
    try {
      writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' });
      renameSync(fresh, this.path);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    }
  }
}

/** What credentials are for: others are of no use in their place. */
export function purposeOf(
  { stsUrl, oidcProviderArn, roleArn, durationSeconds }: RoleSettings,
  session: string,
): string {
  return [stsUrl, oidcProviderArn, roleArn, session, durationSeconds].join(' ');
}

/** Those that are good for five minutes more. */
export function isCurrent({ expiration }: Credentials): boolean {
  return Date.parse(expiration) - MARGIN_MS > Date.now();
}

/** Those that are good for something still. */
function isOfUse({ expiration }: Credentials): boolean {
  return Date.parse(expiration) - LAST_MARGIN_MS > Date.now();
}

/** Those that are not of the past. */
function ofUse(stored: unknown): Record<string, Credentials> {
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(
    Object.entries(stored).filter((entry): entry is [string, Credentials] => {
      const { access_key_id: id, access_key_secret: secret, sts_token: token, expiration } = entry[1] ?? {};
      const whole = [id, secret, token, expiration].every((text) => typeof text === 'string');
      return whole && isOfUse(entry[1] as Credentials);
    }),
  );
}
