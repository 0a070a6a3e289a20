import type { Client } from '../app-registry/client.js';
import type { SetupCheck } from '../app-templates/app-template.js';
import { LONGEST_LIFETIME } from '../app-templates/federation-tokens.js';
import { DEFAULT_SESSION_SECONDS } from './alibaba-cloud-settings.dto.js';
import type { ConsoleAccount } from './console-account.js';
import { waysOut, type RoleAudience } from './role-audiences.js';

const HOUR_SECONDS = 3_600;
/** Of tokens that people hold. */
const LONG_TOKEN_SECONDS = 600;
const LONGEST_ISSUER = 255;

/** The one algorithm that every published example has. */
const ALGORITHM = 'RS256';

/** What RAM asks of an issuer's address (CreateOIDCProvider, IssuerUrl). */
export function issuerForm(issuer: string): SetupCheck {
  const faults = [
    ...(issuer.startsWith('https://') ? [] : ['is not https']),
    ...(issuer.length > LONGEST_ISSUER ? [`is longer than ${LONGEST_ISSUER} characters`] : []),
    ...(/[?#@]/.test(issuer) ? ['holds one of ? # @'] : []),
  ];
  return judged('issuer_form', faults, `${issuer} has the form that RAM takes.`, issuer);
}

/** What of the app itself RAM and the Security Token Service will or will not take. */
export function appChecks(
  app: Client,
  account: ConsoleAccount,
  audiences: ReadonlyMap<string, RoleAudience>,
): SetupCheck[] {
  return [algorithm(app), clientId(app), tokenLifetime(app, account), sessionSeconds(account), grants(app, audiences)];
}

function algorithm({ metadata }: Client): SetupCheck {
  const { idTokenSignedResponseAlg: own } = metadata;
  const faults =
    own === ALGORITHM ? [] : [`are signed with ${own}; ${ALGORITHM} is what Alibaba Cloud is known to take`];
  return judged('algorithm', faults, `ID tokens are signed with ${ALGORITHM}.`, 'ID tokens');
}

function clientId({ id }: Client): SetupCheck {
  const faults = [
    ...(/^[A-Za-z0-9._:/-]+$/.test(id)
      ? []
      : ['holds a character that RAM does not take: letters, digits and . - _ : / are what it takes']),
    ...(id.startsWith('-') ? ['begins with a dash, which command lines take for an option'] : []),
  ];
  return judged('client_id', faults, `${id} can be a client ID in RAM.`, id);
}

function tokenLifetime(app: Client, { issuanceLimitHours }: ConsoleAccount): SetupCheck {
  const { metadata } = app;
  const ways = waysOut(app);
  // A launch makes one for the moment.
  const seconds = ways.length === 0 ? Math.min(metadata.idTokenLifetime, LONGEST_LIFETIME) : metadata.idTokenLifetime;
  const faults =
    seconds <= issuanceLimitHours * HOUR_SECONDS
      ? []
      : [
          `live ${seconds} seconds, and are refused ${issuanceLimitHours} hours after they were issued (IssuanceLimitTime)`,
        ];
  const good = `ID tokens live ${seconds} seconds, within the issuance limit of ${issuanceLimitHours} hours.`;
  const isLong = ways.length > 0 && seconds > LONG_TOKEN_SECONDS;
  if (faults.length > 0 || !isLong) return judged('token_lifetime', faults, good, 'ID tokens');
  const detail = `${good} Who is disabled can take a role with the last one for as long; ${LONGEST_LIFETIME} are enough.`;
  return { name: 'token_lifetime', state: 'warning', detail };
}

/** What a role allows can be seen in RAM only. */
function sessionSeconds({ roles }: ConsoleAccount): SetupCheck {
  const long = roles.filter((role) => role.sessionSeconds > DEFAULT_SESSION_SECONDS);
  if (long.length === 0) {
    const detail = `No session is longer than the ${DEFAULT_SESSION_SECONDS} seconds that every role allows.`;
    return { name: 'session_seconds', state: 'passed', detail };
  }
  const wanted = long.map(({ name, sessionSeconds: seconds }) => `${name}: ${seconds}`).join(', ');
  const detail =
    `Sessions are longer than the ${DEFAULT_SESSION_SECONDS} seconds that a role allows at first (${wanted}). ` +
    'It cannot be told from here whether their MaxSessionDuration in RAM is as long; if not, they are refused.';
  return { name: 'session_seconds', state: 'warning', detail };
}

/** Whoever holds an id token of the app takes each role that trusts it; RAM sees the token only. */
function grants(app: Client, audiences: ReadonlyMap<string, RoleAudience>): SetupCheck {
  const name = 'grants';
  const mixed = [...audiences].flatMap(([role, audience]) =>
    audience.leftOut.length === 0 ? [] : [mixture(role, audience)],
  );
  if (mixed.length > 0) return { name, state: 'failed', detail: mixed.join(' ') };
  const ways = waysOut(app);
  if (ways.length === 0) {
    return { name, state: 'passed', detail: 'ID tokens of this app never leave Clinch except for Alibaba Cloud.' };
  }
  const given = `Tokens of this app are handed out (${ways.join(', ')}), and whoever holds one can take every role of it`;
  return ways.includes('authorization_code') || ways.includes('backchannel_logout_uri')
    ? { name, state: 'warning', detail: `${given}: also the servers of the app, for as long as it lives.` }
    : {
        name,
        state: 'passed',
        detail: `${given}. Its roles are for everybody who may enter, so nobody gains by that.`,
      };
}

function mixture(role: string, { guards, leftOut }: RoleAudience): string {
  return (
    `The RAM role ${role} is kept for people with a certain role in ${guards.join(', ')}, but tokens of ${leftOut.join(', ')} ` +
    'are handed out, and whoever holds one could take it: so the trust policy leaves out the latter, which must lead to ' +
    'another RAM role.'
  );
}

/** @param about begins the sentence that each fault completes */
export function judged(name: string, faults: readonly string[], good: string, about: string): SetupCheck {
  if (faults.length === 0) return { name, state: 'passed', detail: good };
  return { name, state: 'failed', detail: `${about} ${faults.join('; ')}.` };
}
