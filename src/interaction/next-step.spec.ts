import { describe, expect, it } from 'vitest';
import type { AuthorizationRequest } from '../protocol/authorization-request.js';
import { nextStep, type StepFacts } from './next-step.js';

const NOW = new Date('2026-11-21T12:00:00Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

function facts(request: Partial<AuthorizationRequest> = {}, differences: Partial<StepFacts> = {}): StepFacts {
  return {
    request: {
      clientId: 'app',
      redirectUri: 'https://app.example/cb',
      responseMode: 'query',
      scope: ['openid', 'email'],
      prompt: [],
      acrValues: [],
      requestedClaims: { idToken: [], userinfo: [] },
      ...request,
    },
    ...person({}),
    requireConsent: false,
    interaction: undefined,
    now: NOW,
    ...differences,
  };
}

const ACR = 'urn:clinch:acr:single-factor';
const waiting = (signedInSessionId: string | null = null) => ({
  signedInSessionId,
  selectedSessionId: null,
  consentedSessionId: null,
  appAccountId: null,
});
const person = (differences: Partial<NonNullable<StepFacts['signedIn']>>) => ({
  signedIn: {
    sessionId: 's1',
    subject: 'u1',
    authTime: ago(600),
    acr: ACR,
    mayUse: true,
    appAccounts: [],
    consentedScope: [],
    ...differences,
  },
});

describe('what happens next (OpenID Connect Core 1.0 §3.1.2.3)', () => {
  it('asks for a sign-in when nobody is signed in', () => {
    expect(nextStep(facts({}, { signedIn: undefined }))).toBe('login');
  });

  it('proceeds for somebody who is signed in', () => {
    expect(nextStep(facts())).toBe('proceed');
  });

  it('asks again for prompt=login, until there was a sign-in for this request', () => {
    expect(nextStep(facts({ prompt: ['login'] }))).toBe('login');
    expect(nextStep(facts({ prompt: ['login'] }, { interaction: waiting() }))).toBe('login');
    expect(nextStep(facts({ prompt: ['login'] }, { interaction: waiting('s1') }))).toBe('proceed');
  });

  it('takes no sign-in for another request for one of this request, however fresh', () => {
    const fresh = person({ sessionId: 's2', authTime: ago(1) });
    expect(nextStep(facts({ prompt: ['login'] }, { interaction: waiting('s1'), ...fresh }))).toBe('login');
    expect(nextStep(facts({ prompt: ['login'] }, { interaction: waiting(), ...fresh }))).toBe('login');
  });

  it.each([
    [599, 'login'],
    [601, 'proceed'],
    [0, 'login'],
  ] as const)('with max_age=%i and a sign-in ten minutes ago: %s', (maxAge, step) => {
    expect(nextStep(facts({ maxAge }))).toBe(step);
  });

  it('lets max_age=0 pass after a sign-in for this request', () => {
    expect(nextStep(facts({ maxAge: 0 }, { interaction: waiting('s1') }))).toBe('proceed');
  });

  it('asks for a choice of account once', () => {
    const request = { prompt: ['select_account'] as const };
    expect(nextStep(facts(request))).toBe('select_account');
    const interaction = { ...waiting(), selectedSessionId: 's1' };
    expect(nextStep(facts(request, { interaction }))).toBe('proceed');
    expect(nextStep(facts(request, { interaction: { ...interaction, selectedSessionId: 's0' } }))).toBe(
      'select_account',
    );
  });

  it('asks for consent when the app wants it and the person has not agreed to all of the scope', () => {
    expect(nextStep(facts({}, { requireConsent: true }))).toBe('consent');
    expect(nextStep(facts({}, { requireConsent: true, ...person({ consentedScope: ['openid'] }) }))).toBe('consent');
    expect(nextStep(facts({}, { requireConsent: true, ...person({ consentedScope: ['openid', 'email'] }) }))).toBe(
      'proceed',
    );
  });

  it('asks for consent again with prompt=consent, whatever was agreed before', () => {
    const agreed = person({ consentedScope: ['openid', 'email'] });
    expect(nextStep(facts({ prompt: ['consent'] }, agreed))).toBe('consent');
    const interaction = { ...waiting(), consentedSessionId: 's1' };
    expect(nextStep(facts({ prompt: ['consent'] }, { ...agreed, interaction }))).toBe('proceed');
  });

  it('refuses a person who may not use the app, before asking them to agree to anything', () => {
    const closed = person({ mayUse: false });
    expect(nextStep(facts({}, { requireConsent: true, ...closed }))).toBe('refused');
  });

  it('tells nobody that an app is closed before they are the person whom it asks for', () => {
    expect(nextStep(facts({ hintedSubject: 'u2' }, person({ mayUse: false })))).toBe('login');
  });

  describe('of somebody with several names in the app', () => {
    const name = (id: string, chosenBefore = false) => ({ id, chosenBefore });
    const several = person({ appAccounts: [name('n1'), name('n2')] });
    const chosen = (appAccountId: string) => ({ ...several, interaction: { ...waiting(), appAccountId } });

    it('asks for one of them, before it asks for consent', () => {
      expect(nextStep(facts({}, { ...several, requireConsent: true }))).toBe('select_app_account');
      expect(nextStep(facts({}, chosen('n2')))).toBe('proceed');
      expect(nextStep(facts({}, person({ appAccounts: [name('n1')] })))).toBe('proceed');
    });

    it('asks again when what was chosen is not theirs, or not any more', () => {
      expect(nextStep(facts({}, chosen('n3')))).toBe('select_app_account');
    });

    it('asks at every sign-in, and takes the last choice only where no page may be shown', () => {
      const before = person({ appAccounts: [name('n2', true), name('n1')] });
      expect(nextStep(facts({}, before))).toBe('select_app_account');
      expect(nextStep(facts({ prompt: ['none'] }, before))).toBe('proceed');
      expect(() => nextStep(facts({ prompt: ['none'] }, several))).toThrow(
        expect.objectContaining({ code: 'account_selection_required' }),
      );
    });
  });

  it('asks for the person that the hint names, and refuses another one', () => {
    expect(nextStep(facts({ hintedSubject: 'u2' }))).toBe('login');
    const interaction = waiting('s1');
    expect(() => nextStep(facts({ hintedSubject: 'u2' }, { interaction }))).toThrow(
      expect.objectContaining({ code: 'access_denied' }),
    );
  });

  it('refuses what asks for an acr that the sign-in does not have (§5.5.1.1)', () => {
    const asking = (requiredAcr: string[]) => ({ requestedClaims: { idToken: [], userinfo: [], requiredAcr } });
    expect(nextStep(facts(asking(['urn:other', ACR])))).toBe('proceed');
    expect(() => nextStep(facts(asking(['urn:other'])))).toThrow(expect.objectContaining({ code: 'access_denied' }));
  });

  it.each([
    ['login_required', { signedIn: undefined }],
    ['consent_required', { requireConsent: true }],
    ['access_denied', person({ mayUse: false })],
  ] as const)('with prompt=none answers %s instead of showing a page', (code, differences) => {
    expect(() => nextStep(facts({ prompt: ['none'] }, differences))).toThrow(expect.objectContaining({ code }));
  });
});
