import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CliSettings } from './sample-cli-settings.js';

/** What is kept between two runs. The access token is not: a new one is a request away. */
export interface StoredSignIn {
  readonly refreshToken: string;
  /** Who signed in: what comes later must be about the same person (OpenID Connect Core 1.0 §12.2). */
  readonly sub: string;
}

/** The file that keeps a sign-in, readable by its owner alone. */
export class SignInFile {
  constructor(private readonly settings: CliSettings) {}

  /** @returns undefined when nobody is signed in to this provider with this client id */
  read(): StoredSignIn | undefined {
    try {
      const stored = JSON.parse(readFileSync(this.settings.tokens, 'utf8')) as Record<string, unknown>;
      const { issuer, client_id: clientId, refresh_token: refreshToken, sub } = stored;
      if (issuer !== this.settings.issuer || clientId !== this.settings.clientId) return undefined;
      return typeof refreshToken === 'string' && typeof sub === 'string' ? { refreshToken, sub } : undefined;
    } catch {
      return undefined;
    }
  }

  write({ refreshToken, sub }: StoredSignIn): void {
    const { issuer, clientId, tokens } = this.settings;
    const text = JSON.stringify({ issuer, client_id: clientId, sub, refresh_token: refreshToken });
    mkdirSync(dirname(tokens), { recursive: true });
    // Beside it and then in its place: half a file would be a lost sign-in, and the mode counts only for a new file.
    const fresh = `${tokens}.${process.pid}`;
    rmSync(fresh, { force: true });
    writeFileSync(fresh, `${text}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(fresh, tokens);
  }

  delete(): void {
    rmSync(this.settings.tokens, { force: true });
  }
}
