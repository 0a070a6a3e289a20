import type { Claims, ClaimsUse } from '../claims/claims-source.js';
import type { ComposedClaims } from '../claims/composed-claims.js';
import type { OAuthError } from '../protocol/oauth-error.js';
import type { ComposedToken, ComposedTokens } from '../token-composition/token-composer.js';
import type { LabResult } from './claim-lab.dto.js';
import type { UngrantedClaim } from './ungranted-claims.js';

/** What a run has found. */
export interface LabParts {
  readonly refusal: OAuthError | undefined;
  /** Undefined where the person cannot even be named. */
  readonly tokens: ComposedTokens | undefined;
  readonly userinfo: { readonly claims: Claims; readonly composed: ComposedClaims } | undefined;
  /** Scope-tokens that were asked for and that the app may not have… */
  readonly dropped: readonly string[];
  /** …or that are permissions which the person does not have. */
  readonly lacking: readonly string[];
  readonly ungranted: readonly UngrantedClaim[];
}

/** What a claim will be that there is not before the token is signed. */
const LATER: Readonly<Record<string, string>> = {
  iat: 'the time of the issue, in seconds',
  jti: 'a fresh identifier',
  at_hash: 'the hash of the access token',
  nonce: 'that of the authorization request, if it has one',
  grant_id: 'the identifier of what was granted',
  sid: 'the identifier of the session, if there is one',
};
const LATER_IN = {
  access_token: ['iat', 'exp', 'jti', 'grant_id', 'sid'],
  id_token: ['iat', 'exp', 'at_hash', 'nonce', 'sid'],
} as const;

/** Bytes: RS256 with 2,048 bits in base64url, the header, two points, and the claims that come later. */
const SIGNATURE = 342;
const HEADER = 90;
const LATER_BYTES = 190;

/** Tells operators what was found, each claim with its source and rule, each missing one with the reason. */
export function labResult(parts: LabParts): LabResult {
  const { refusal, tokens, userinfo } = parts;
  const accessToken = tokens && shown(tokens.accessToken);
  const idToken = tokens?.idToken && shown(tokens.idToken);
  const told = [
    ...(tokens && accessToken ? [{ claims: accessToken, composed: tokens.accessToken.composed }] : []),
    ...(tokens?.idToken && idToken ? [{ claims: idToken, composed: tokens.idToken.composed }] : []),
    ...(userinfo === undefined ? [] : [userinfo]),
  ];
  return {
    issued: refusal === undefined,
    refusal: refusal === undefined ? null : `${refusal.code}: ${refusal.description ?? ''}`,
    scope: tokens?.scope.join(' ') ?? '',
    access_token: accessToken === undefined ? null : { claims: accessToken },
    id_token: idToken === undefined ? null : { claims: idToken },
    userinfo: userinfo?.claims ?? null,
    when_issued: [
      ...(tokens ? later('access_token', tokens.accessToken) : []),
      ...(tokens?.idToken ? later('id_token', tokens.idToken) : []),
    ],
    claims: told.flatMap(({ claims, composed }) => claimsOf(claims, composed)),
    refused: [
      ...told.flatMap(({ composed }) => refusedOf(composed)),
      ...parts.ungranted.map((claim) => ({ ...claim, why: 'no such scope: the app may not have it' })),
    ],
    size: { id_token: sizeOf(idToken), access_token: sizeOf(accessToken) },
    warnings: warningsOf(parts),
  };
}

/** Without what stands for claims that come later. */
function shown({ claims }: ComposedToken): Claims {
  const { grant_id: _grant, sid: _session, ...others } = claims;
  return others;
}

function later(place: keyof typeof LATER_IN, { claims, lifetime }: ComposedToken): LabResult['when_issued'] {
  return LATER_IN[place]
    .filter((name) => name !== 'sid' || claims['sid'] !== undefined)
    .map((name) => ({ name, in: place, what: LATER[name] ?? `${lifetime} seconds after iat` }));
}

function claimsOf(claims: Claims, { use, made }: ComposedClaims): LabResult['claims'] {
  const ofPerson = new Map(made.map((claim) => [claim.name, claim]));
  return Object.entries(claims).map(([name, value]) => {
    const claim = ofPerson.get(name);
    return { name, in: use, source: claim?.source ?? 'token', rule: claim?.rule ?? null, value };
  });
}

function refusedOf({ use, refused }: ComposedClaims): LabResult['refused'] {
  return refused.map(({ name, source, rule, refusal, why }) => ({
    name,
    in: use,
    source,
    rule: rule ?? null,
    why: refusal === 'personal_data' ? `personal data: ${why}` : why,
  }));
}

function sizeOf(claims: Claims | undefined): number | null {
  if (claims === undefined) return null;
  return SIGNATURE + HEADER + Math.ceil(((Buffer.byteLength(JSON.stringify(claims)) + LATER_BYTES) * 4) / 3);
}

function warningsOf({ refusal, tokens, dropped, lacking }: LabParts): string[] {
  const large = (token: ComposedToken | undefined): string[] =>
    token?.composed.refused.filter((claim) => claim.refusal === 'too_large').map(({ name }) => name) ?? [];
  const tooLarge: readonly (readonly [ClaimsUse, string[]])[] = [
    ['access_token', large(tokens?.accessToken)],
    ['id_token', large(tokens?.idToken)],
  ];
  return [
    ...(refusal === undefined ? [] : [`nothing would be issued: ${refusal.description ?? refusal.code}`]),
    ...(dropped.length === 0 ? [] : [`the app may not have these scopes: ${dropped.join(' ')}`]),
    ...(lacking.length === 0 ? [] : [`the person does not have these permissions: ${lacking.join(' ')}`]),
    ...tooLarge.flatMap(([place, names]) =>
      names.length === 0 ? [] : [`the claims for the ${place} are more than 4 kB; left out: ${names.join(', ')}`],
    ),
  ];
}
