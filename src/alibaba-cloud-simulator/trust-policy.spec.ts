import { describe, expect, it } from 'vitest';
import { type TrustPolicy, type TrustStatement, flawOfTrustPolicy, isTrusted } from './trust-policy.js';

const ARN = 'acs:ram::1234567890123456:oidc-provider/clinch';
const ISS = 'https://clinch.example';
const context = { providerArn: ARN, keys: { 'oidc:iss': [ISS], 'oidc:aud': ['aliyun'], 'oidc:sub': ['u001'] } };

const EXACT = { 'oidc:iss': ISS, 'oidc:aud': 'aliyun' };

function statement(change: Partial<TrustStatement> = {}): TrustStatement {
  return {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Federated: [ARN] },
    Condition: { StringEquals: EXACT },
    ...change,
  };
}

function policy(...statements: readonly TrustStatement[]): TrustPolicy {
  return { Version: '1', Statement: statements };
}

function onSubject(operator: string, wanted: string | readonly string[]): TrustPolicy {
  const own = { 'oidc:sub': wanted };
  const Condition =
    operator === 'StringEquals' ? { StringEquals: { ...EXACT, ...own } } : { StringEquals: EXACT, [operator]: own };
  return policy(statement({ Condition }));
}

describe('the trust policy of a role', () => {
  it('takes a token of the provider, the issuer and the audience that it names', () => {
    expect(isTrusted(policy(statement()), context)).toBe(true);
    expect(isTrusted(policy(statement({ Principal: { Federated: ARN } })), context)).toBe(true);
  });

  it.each([
    ['another provider', statement({ Principal: { Federated: [`${ARN}-2`] } })],
    ['another issuer', statement({ Condition: { StringEquals: { ...EXACT, 'oidc:iss': `${ISS}/` } } })],
    ['another audience', statement({ Condition: { StringEquals: { ...EXACT, 'oidc:aud': ['x', 'Aliyun'] } } })],
    ['another action', statement({ Action: 'sts:TagSession' })],
    [
      'a claim that is no condition key',
      statement({ Condition: { StringEquals: { ...EXACT, 'oidc:groups': 'ops' } } }),
    ],
  ])('does not match %s', (_, other) => {
    expect(isTrusted(policy(other), context)).toBe(false);
  });

  it.each([
    ['StringEquals', 'u001', true],
    ['StringEquals', ['u000', 'u001'], true],
    ['StringEquals', 'U001', false],
    ['StringNotEquals', ['u000', 'u002'], true],
    ['StringNotEquals', ['u000', 'u001'], false],
    ['StringEqualsIgnoreCase', 'U001', true],
    ['StringNotEqualsIgnoreCase', 'U001', false],
    ['StringLike', 'u0*', true],
    ['StringLike', 'u0??', true],
    ['StringLike', 'u0?', false],
    ['StringLike', ['x*', 'u?01'], true],
    ['StringLike', 'u.01', false],
    ['StringNotLike', 'u0*', false],
    ['StringNotLike', 'v*', true],
    // One that it does not know never matches, so that a slip of the pen lets nobody in.
    ['StringEqual', 'u001', false],
    ['constructor', 'u001', false],
    ['NumericEquals', 'u001', false],
  ])('%s on oidc:sub with %j: %j', (operator, wanted, expected) => {
    expect(isTrusted(onSubject(operator, wanted), context)).toBe(expected);
  });

  it('lets somebody in by any statement, and by none when one denies it', () => {
    const other = statement({ Condition: { StringEquals: { ...EXACT, 'oidc:sub': 'u002' } } });
    const denial = statement({ Effect: 'Deny', Condition: { StringEquals: { 'oidc:sub': 'u001' } } });
    expect(isTrusted(policy(other, statement()), context)).toBe(true);
    expect(isTrusted(policy(statement(), denial), context)).toBe(false);
  });
});

describe('what RAM takes as a trust policy', () => {
  it('is one that binds the provider to its issuer and its clients, exactly', () => {
    expect(flawOfTrustPolicy(policy(statement()))).toBeUndefined();
    const loose = statement({ Condition: { StringEquals: { 'oidc:iss': ISS }, StringLike: { 'oidc:aud': '*' } } });
    expect(flawOfTrustPolicy(policy(loose))).toBe('StringEquals on oidc:aud is required.');
    expect(flawOfTrustPolicy(policy(statement({ Condition: {} })))).toBe('StringEquals on oidc:iss is required.');
  });

  it.each([
    ['no statement', policy()],
    ['another version', { ...policy(statement()), Version: '2012-10-17' }],
    ['another effect', policy(statement({ Effect: 'Permit' }))],
    ['another action', policy(statement({ Action: '*' }))],
    ['no provider', policy(statement({ Principal: { Federated: [] } }))],
  ])('is not one with %s', (_, bad) => {
    expect(flawOfTrustPolicy(bad)).toBeDefined();
  });
});
