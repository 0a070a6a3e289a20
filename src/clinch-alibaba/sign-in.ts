import { createHash } from 'node:crypto';
import { askForSignIn } from '../device-sign-in/ask-for-sign-in.js';
import { CliError } from '../device-sign-in/cli-error.js';
import { Provider, Refused, type Tokens, Unavailable } from '../device-sign-in/provider.js';
import type { Screen } from '../device-sign-in/screen.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { SignIn } from './state-file.js';

/** `profile` for the name of the session, which is asked for at userinfo; the id_token that STS sees has the `sub` alone. */
const SCOPE = 'openid profile offline_access';
/** A lost answer costs nothing: a refresh token that is presented again within a minute brings the same successor. */
const RETRY_AFTER_MS = [300, 1_500, 4_000];

/** Who is signed in, and the id_token that says so. */
export interface Proven {
  readonly signIn: SignIn;
  readonly idToken: string;
}

/**
 * Shows where to go and with which code, and waits for the answer (RFC 8628).
 *
 * @throws {CliError} when the person refuses, or does not answer in time
 */
export async function signInByDevice(provider: Provider, screen: Screen, showQr: boolean): Promise<Proven> {
  const tokens = await askForSignIn(provider, screen, SCOPE, showQr);
  const { idToken, refreshToken } = tokens;
  if (!idToken) throw new CliError('The provider let this program in without saying who you are.');
  if (!refreshToken)
    throw new CliError('The provider gave no refresh token: the app lacks that grant, or offline_access.');
  const { sub } = await provider.verify(idToken);
  const person = (await provider.userinfo(tokens.accessToken, sub)) ?? {};
  const text = (name: string) => (typeof person[name] === 'string' ? person[name] : undefined);
  const sessionName = sessionNameOf([text('preferred_username'), text('email'), sub], sub);
  return { idToken, signIn: { sub, name: text('name') ?? sub, sessionName, refreshToken, credentials: {} } };
}

/**
 * A new id_token by the refresh token, which is spent with it.
 *
 * @param keep is given the sign-in with the new refresh token before anything else can fail
 * @throws {Refused} when the sign-in has ended
 */
export async function renew(provider: Provider, former: SignIn, keep: (signIn: SignIn) => void): Promise<Proven> {
  const tokens = await refreshed(provider, former.refreshToken);
  const signIn = tokens.refreshToken ? { ...former, refreshToken: tokens.refreshToken } : former;
  keep(signIn);
  if (!tokens.idToken) throw new CliError('The provider renewed the sign-in without saying who you are.');
  const { sub } = await provider.verify(tokens.idToken);
  // OpenID Connect Core 1.0 §12.2
  if (sub !== former.sub) throw new CliError('The provider now speaks of somebody else. Sign out, and in again.');
  return { signIn, idToken: tokens.idToken };
}

async function refreshed(provider: Provider, refreshToken: string): Promise<Tokens> {
  for (const pause of RETRY_AFTER_MS) {
    try {
      return await provider.refresh(refreshToken);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
    await delay(pause);
  }
  return provider.refresh(refreshToken);
}

/** The sign-in is over, whatever the reason; another answer may be another day's. */
export function hasEnded(error: unknown): boolean {
  return error instanceof Refused && error.code === 'invalid_grant';
}

/**
 * The first that can be one: 2 to 64 of letters, digits and `. @ - _`. What else is in it becomes a hyphen, and such a name ends
 * with a digest of the subject, or two people could come to the same.
 */
function sessionNameOf(candidates: readonly (string | undefined)[], sub: string): string {
  const digest = createHash('sha256').update(sub).digest('hex').slice(0, 8);
  for (const candidate of candidates) {
    const name = (candidate ?? '').replace(/[^\w.@-]/g, '-').slice(0, 64);
    if (name === candidate && /[A-Za-z0-9].*[A-Za-z0-9]/.test(name)) return name;
    if (/[A-Za-z0-9].*[A-Za-z0-9]/.test(name)) return `${name.slice(0, 55)}-${digest}`;
  }
  return 'clinch';
}
