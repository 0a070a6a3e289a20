import type { FieldProblem } from '../../admin/problem.js';
import { destinationFault, type Reach } from '../../outbound/destination.js';
import type { IdentitySourceEntity, TrustedEmail } from '../source/identity-source.entity.js';

/** From the least to the most that is believed. */
const TRUST: readonly TrustedEmail[] = ['none', 'org_email', 'org_email_or_email'];

/**
 * The rules about a source as a whole. They judge what it would be, not what was asked to be changed.
 *
 * @returns everything that is wrong, under the wire names; nothing when the source is acceptable
 */
export function sourceProblems(source: IdentitySourceEntity, reach: Reach): FieldProblem[] {
  const hosts = [
    { field: 'login_base_url', url: source.loginBaseUrl },
    { field: 'api_base_url', url: source.apiBaseUrl },
    { field: 'oapi_base_url', url: source.oapiBaseUrl },
  ];
  return [
    ...requiredProblems(source),
    ...hosts.flatMap(({ field, url }) => {
      const problem = destinationFault(url, reach);
      return problem === undefined ? [] : [{ field, problem }];
    }),
    ...callbackProblems(source),
  ];
}

function requiredProblems({ name, corpId, clientId, clientSecret }: IdentitySourceEntity): FieldProblem[] {
  const needed = [
    { field: 'name', value: name.trim(), problem: 'is required: people read it' },
    { field: 'corp_id', value: corpId, problem: 'is required: it stands on the home page of DingTalk’s console' },
    { field: 'client_id', value: clientId, problem: 'is required' },
    { field: 'client_secret', value: clientSecret, problem: 'is required' },
  ];
  return needed.flatMap(({ field, value, problem }) => (value === '' ? [{ field, problem }] : []));
}

function callbackProblems(source: IdentitySourceEntity): FieldProblem[] {
  const { callbackEvents, callbackToken: token, callbackAesKey: aesKey } = source;
  if (token === null && aesKey !== null) return [{ field: 'callback_token', problem: 'is needed beside the aes_key' }];
  if (token !== null && aesKey === null) return [{ field: 'callback_aes_key', problem: 'is needed beside the token' }];
  if (!callbackEvents || token !== null) return [];
  return [{ field: 'callback_events', problem: 'needs callback_token and callback_aes_key' }];
}

/**
 * The secret goes to whoever is at these addresses, as that app's. Whoever can change a source but was never told the
 * secret must not have it sent to themselves.
 */
export function needsSecretAgain(old: IdentitySourceEntity, changed: IdentitySourceEntity): boolean {
  return (
    old.clientId !== changed.clientId ||
    old.apiBaseUrl !== changed.apiBaseUrl ||
    old.oapiBaseUrl !== changed.oapiBaseUrl
  );
}

/**
 * Whether a change decides over accounts that are there: matched to newcomers, matched by more than before, or believed
 * from other hosts than before, which can say that anybody is anybody. At the sign-in page's address people show who
 * they are, and from there they come back with a code: whoever stands there can send them back with one of their own.
 */
export function handsOverAccounts(old: IdentitySourceEntity, changed: IdentitySourceEntity): boolean {
  const matches = changed.matchBy.some((each) => !old.matchBy.includes(each));
  const believesMore =
    TRUST.indexOf(changed.trustedEmail) > TRUST.indexOf(old.trustedEmail) ||
    (changed.trustedPhone && !old.trustedPhone);
  return (
    matches ||
    (changed.matchBy.length > 0 && believesMore) ||
    old.loginBaseUrl !== changed.loginBaseUrl ||
    old.apiBaseUrl !== changed.apiBaseUrl ||
    old.oapiBaseUrl !== changed.oapiBaseUrl
  );
}
