import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, pkce, postToken, redeem, UserAgent, type Pkce } from '../support/user-agent.js';
import { ask, challenge, codeOf, signedIn } from './support/arrange.js';
import { expectErrorRedirect, expectTokenError, expectTokens } from './support/expectations.js';

describe('PKCE under attack (RFC 7636, RFC 9700 §2.1.1 and §4.8)', () => {
  let clinch: TestClinch;
  let publicApp: TestApp;
  /** Confidential, and free to leave PKCE out. */
  let app: TestApp;
  let person: TestPerson;
  let agent: UserAgent;

  beforeAll(async () => {
    clinch = await startClinch();
    publicApp = await anApp(clinch, { tokenEndpointAuthMethod: 'none' });
    app = await anApp(clinch);
    person = await aPerson(clinch);
    agent = await signedIn(clinch, app, person);
  });
  afterAll(() => clinch.stop());

  function withChallenge({ challenge }: Pick<Pkce, 'challenge'>): Record<string, string> {
    return { code_challenge: challenge, code_challenge_method: 'S256' };
  }

  it('PKCE-01 refuses a public client without a code_challenge, whatever its registration says', async () => {
    expectErrorRedirect(await ask(clinch, publicApp), publicApp, 'invalid_request', clinch.url);
    const empty = await ask(clinch, publicApp, { code_challenge: '', code_challenge_method: 'S256' });
    expectErrorRedirect(empty, publicApp, 'invalid_request', clinch.url);
    const strict = await anApp(clinch, { requirePkce: true });
    expectErrorRedirect(await ask(clinch, strict), strict, 'invalid_request', clinch.url);
  });

  it('PKCE-03 takes the right verifier, from the shortest to the longest', async () => {
    const { createHash } = await import('node:crypto');
    for (const verifier of [pkce().verifier, '-._~'.repeat(32), 'A'.repeat(43)]) {
      const hash = createHash('sha256').update(verifier).digest('base64url');
      const code = await codeOf(clinch, agent, publicApp, withChallenge({ challenge: hash }));
      expectTokens(await redeem(clinch.url, publicApp, code, { code_verifier: verifier }));
    }
  });

  it('PKCE-04 refuses plain, named or left out, for public and confidential clients', async () => {
    for (const of of [publicApp, app]) {
      for (const method of ['plain', undefined]) {
        const answer = await ask(clinch, of, { code_challenge: challenge(), code_challenge_method: method });
        expectErrorRedirect(answer, of, 'invalid_request', clinch.url);
      }
    }
  });

  it('PKCE-04 refuses plain for a public client even when plain is registered for it', async () => {
    const lax = await anApp(clinch, { tokenEndpointAuthMethod: 'none', codeChallengeMethods: ['S256', 'plain'] });
    const answer = await ask(clinch, lax, { code_challenge: challenge(), code_challenge_method: 'plain' });
    expectErrorRedirect(answer, lax, 'invalid_request', clinch.url);
  });

  it.each(['s256', 'SHA256', 'S512', '', 'S256 ', 'PLAIN', '__proto__'])(
    'PKCE-05 refuses the method %j',
    async (method) => {
      const answer = await ask(clinch, publicApp, { code_challenge: challenge(), code_challenge_method: method });
      expectErrorRedirect(answer, publicApp, 'invalid_request', clinch.url);
    },
  );

  it('PKCE-05 refuses a method without a challenge, which a challenge that was stripped would leave behind', async () => {
    const answer = await ask(clinch, app, { code_challenge_method: 'S256' });
    expectErrorRedirect(answer, app, 'invalid_request', clinch.url);
  });

  it.each([
    'a'.repeat(42),
    'a'.repeat(44),
    'a'.repeat(129),
    `${'a'.repeat(42)}=`,
    `${'a'.repeat(43)}=`,
    `${'a'.repeat(42)}+`,
    `${'a'.repeat(42)}/`,
    `${'a'.repeat(42)} `,
    `${'a'.repeat(42)}é`,
    `${'a'.repeat(42)}.`,
    `${'a'.repeat(42)}~`,
  ])('PKCE-06 refuses a challenge that is no base64url SHA-256: %s', async (codeChallenge) => {
    const answer = await ask(clinch, publicApp, withChallenge({ challenge: codeChallenge }));
    expectErrorRedirect(answer, publicApp, 'invalid_request', clinch.url);
  });

  it('PKCE-07 refuses a code with a challenge without its verifier', async () => {
    for (const of of [publicApp, app]) {
      expectTokenError(
        await redeem(clinch.url, of, await codeOf(clinch, agent, of, withChallenge(pkce()))),
        'invalid_grant',
      );
      const code = await codeOf(clinch, agent, of, withChallenge(pkce()));
      expectTokenError(await redeem(clinch.url, of, code, { code_verifier: '' }), 'invalid_grant');
    }
  });

  it('PKCE-07 refuses the challenge itself, and all that is near the verifier', async () => {
    const given = pkce();
    const wrong = [given.challenge, given.verifier.slice(1), `${given.verifier}=`, given.verifier.toUpperCase(), 'x'];
    for (const verifier of wrong) {
      const code = await codeOf(clinch, agent, publicApp, withChallenge(given));
      expectTokenError(await redeem(clinch.url, publicApp, code, { code_verifier: verifier }), 'invalid_grant');
    }
  });

  it('PKCE-08 refuses a verifier for a code without a challenge', async () => {
    const code = await codeOf(clinch, agent, app);
    expectTokenError(await redeem(clinch.url, app, code, { code_verifier: pkce().verifier }), 'invalid_grant');
  });

  it('PKCE-10 refuses a verifier that comes twice, and the code is not lost by it', async () => {
    const given = pkce();
    const code = await codeOf(clinch, agent, publicApp, withChallenge(given));
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: publicApp.clientId,
      redirect_uri: publicApp.redirectUri,
      code,
      code_verifier: given.verifier,
    });
    const twice = new URLSearchParams(form);
    twice.append('code_verifier', given.verifier);
    expectTokenError(await postToken(clinch.url, twice), 'invalid_request');
    expectTokens(await postToken(clinch.url, form));
  });

  // RFC 6749 §3.2: `code_verifier[]` is another name, which is ignored; so these come without a verifier.
  it.each(['code_verifier[]', 'code_verifier[0]', 'code_verifier[value]', 'code_verifier.length'])(
    'PKCE-10 takes %s for no verifier',
    async (name) => {
      const given = pkce();
      const code = await codeOf(clinch, agent, publicApp, withChallenge(given));
      expectTokenError(await redeem(clinch.url, publicApp, code, { [name]: given.verifier }), 'invalid_grant');
    },
  );

  it('PKCE-11 kills the code with the first wrong verifier', async () => {
    const given = pkce();
    const code = await codeOf(clinch, agent, publicApp, withChallenge(given));
    for (let round = 0; round < 5; round++) {
      const answer = await redeem(clinch.url, publicApp, code, { code_verifier: pkce().verifier });
      expectTokenError(answer, 'invalid_grant');
    }
    expectTokenError(await redeem(clinch.url, publicApp, code, { code_verifier: given.verifier }), 'invalid_grant');
  });

  it('PKCE-12 keeps the challenge of a request that waits, whatever comes after it', async () => {
    const given = pkce();
    const browser = new UserAgent(clinch.url);
    const first = await browser.get(authorizeUrl(clinch.url, app, { ...withChallenge(given), state: 'first' }));
    const page = await browser.follow(first);
    await browser.follow(await browser.get(authorizeUrl(clinch.url, app, { state: 'second' })));
    const planted = `code_challenge=${pkce().challenge}&code_challenge_method=plain&redirect_uri=https://evil.example/`;
    await browser.get(`${first.headers.get('location') ?? ''}&${planted}&scope=openid`);
    const changed = { ...page, text: page.text.replace('/login"', `/login?${planted.replaceAll('&', '&amp;')}"`) };
    const done = await browser.signIn(changed, person);
    const answer = new URL(done.headers.get('location') ?? '');
    expect(answer.href.startsWith(`${app.redirectUri}?`)).toBe(true);
    expect(answer.searchParams.get('state')).toBe('first');
    const code = answer.searchParams.get('code') ?? '';
    const stranger = await redeem(clinch.url, await anApp(clinch), code, { code_verifier: given.verifier });
    expectTokenError(stranger, 'invalid_grant');
    expectTokens(await redeem(clinch.url, app, code, { code_verifier: given.verifier }));
  });

  it('PKCE-12 does not let a code of one request be redeemed with the verifier of another', async () => {
    const [mine, theirs] = [pkce(), pkce()];
    await codeOf(clinch, agent, publicApp, withChallenge(mine));
    const injected = await codeOf(clinch, agent, publicApp, withChallenge(theirs));
    const answer = await redeem(clinch.url, publicApp, injected, { code_verifier: mine.verifier });
    expectTokenError(answer, 'invalid_grant');
  });

  it('PKCE-13 publishes S256 and nothing else', async () => {
    for (const path of ['openid-configuration', 'oauth-authorization-server']) {
      const metadata = (await (await fetch(`${clinch.url}/.well-known/${path}`)).json()) as Record<string, unknown>;
      expect(metadata['code_challenge_methods_supported']).toEqual(['S256']);
    }
  });
});
