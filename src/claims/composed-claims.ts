import { TOKEN_CLAIMS } from '../app-registry/extended-claim.dto.js';
import { isPassing, type Outcome } from '../expressions/expressions.js';
import type { Claims, ClaimsUse, Contribution } from './claims-source.js';

/** A claim that was made, and by what. */
export interface MadeClaim {
  readonly name: string;
  readonly source: string;
  /** The expression, where one made it. */
  readonly rule?: string;
  readonly value: unknown;
}

/** Why a claim is not there. */
export type Refusal = 'no_value' | 'personal_data' | 'failed' | 'not_false' | 'token_claim' | 'too_large';

/** A claim that would have been there. */
export interface RefusedClaim {
  readonly name: string;
  readonly source: string;
  readonly rule?: string;
  readonly refusal: Refusal;
  /** In words, without a value of the person's. */
  readonly why: string;
  /** Whether the sign-in fails of it, as the claim says. */
  readonly fails: boolean;
  /** It could not be evaluated just now, and may be in a moment. */
  readonly passing?: boolean;
}

/** All claims of one place, with where each comes from. */
export interface ComposedClaims {
  readonly use: ClaimsUse;
  readonly claims: Claims;
  readonly made: readonly MadeClaim[];
  readonly refused: readonly RefusedClaim[];
}

/** What came of the expressions of one answer. */
export interface Evaluated {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Says of an expression whether it reads an e-mail or phone that the app may not have. */
  readonly isWithheld: (expression: string) => boolean;
}

/** Bytes that a person's claims may fill in a token: apps put tokens into headers, which servers limit to 8 kB. */
export const MOST_IN_TOKEN = 4_096;

const OF_THE_TOKEN: ReadonlySet<string> = new Set([...TOKEN_CLAIMS, '__proto__', 'constructor', 'prototype']);
/** Nobody's expression makes an address verified: it may only take that away. */
const ONLY_FALSE: ReadonlySet<string> = new Set(['email_verified', 'phone_number_verified']);
/** Lists that grow with the organisation: when there is no room, they are the first to go. */
const LAST: readonly string[] = ['roles', 'entitlements', 'groups'];

/**
 * Makes claims of what the sources contributed. A later contribution takes the place of an earlier one of that name, also
 * when it comes to nothing: what an operator replaced must not come through because the replacement failed.
 */
export function composeClaims(
  use: ClaimsUse,
  contributions: readonly Contribution[],
  evaluated: Evaluated,
): ComposedClaims {
  const last = new Map(contributions.map((each) => [each.name, each]));
  const made: MadeClaim[] = [];
  const refused: RefusedClaim[] = [];
  for (const contribution of last.values()) {
    const judged = judge(contribution, evaluated);
    if ('refusal' in judged) refused.push(judged);
    else made.push(judged);
  }
  const mustBe = (name: string): boolean => last.get(name)?.expression?.onError === 'fail';
  const fitting = use === 'userinfo' ? made : withinToken(made, refused, mustBe);
  return { use, claims: Object.fromEntries(fitting.map(({ name, value }) => [name, value])), made: fitting, refused };
}

function judge(contribution: Contribution, evaluated: Evaluated): MadeClaim | RefusedClaim {
  const { name, source, expression } = contribution;
  const rule = expression === undefined ? {} : { rule: expression.text };
  const refuse = (refusal: Refusal, why: string): RefusedClaim => {
    const fails = refusal !== 'token_claim' && expression?.onError === 'fail';
    return { name, source, ...rule, refusal, why, fails };
  };
  if (OF_THE_TOKEN.has(name)) return refuse('token_claim', 'it says something of the token itself');
  const outcome = expression === undefined ? { value: contribution.value } : evaluated.outcomes.get(expression.text);
  if (outcome === undefined) return refuse('failed', 'it was not evaluated');
  if (expression !== undefined && (!('value' in outcome) || outcome.value === null)) {
    if (evaluated.isWithheld(expression.text)) {
      return refuse('personal_data', 'it reads an e-mail or phone that the app may not have, or was not asked for');
    }
    if (!('value' in outcome)) {
      return { ...refuse('failed', outcome.failure), ...(isPassing(outcome) ? { passing: true } : {}) };
    }
  }
  const { value } = outcome as { readonly value: unknown };
  // One without a value is left out, never null (OpenID Connect Core 1.0 §5.3.2).
  if (value === undefined || value === null) return refuse('no_value', 'there is no value');
  if (expression !== undefined && ONLY_FALSE.has(name) && value !== false) {
    return refuse('not_false', 'an expression may only make it false');
  }
  return { name, source, ...rule, value };
}

/**
 * Those that fit, and userinfo has them all. None has to be there (OpenID Connect Core 1.0 §5.5.1) but what an operator
 * said must be: that comes first, and where it does not fit either, the sign-in fails as if it had no value.
 */
function withinToken(
  made: readonly MadeClaim[],
  refused: RefusedClaim[],
  mustBe: (name: string) => boolean,
): readonly MadeClaim[] {
  let bytes = 0;
  const fitting = new Set<MadeClaim>();
  const rank = ({ name }: MadeClaim): number => (mustBe(name) ? -2 : LAST.indexOf(name));
  for (const claim of [...made].sort((a, b) => rank(a) - rank(b))) {
    const size = sizeOf(claim);
    if (bytes + size > MOST_IN_TOKEN) {
      const why = `with it, the claims would be more than ${MOST_IN_TOKEN} bytes`;
      refused.push({ ...claim, refusal: 'too_large', why, fails: mustBe(claim.name) });
    } else {
      bytes += size;
      fitting.add(claim);
    }
  }
  return made.filter((claim) => fitting.has(claim));
}

/** Bytes that a claim takes in a token. */
function sizeOf({ name, value }: MadeClaim): number {
  return Buffer.byteLength(name) + Buffer.byteLength(JSON.stringify(value) ?? '');
}
