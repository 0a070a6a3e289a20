import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { enter, logoutUrl } from '../support/logout.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';

const CODES = 12;
const ROUNDS = 6;

describe('a sign-out while codes are redeemed', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await aRefreshingApp(clinch, { refreshTokenIssuance: 'always' });
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  it('leaves no refresh token behind, whatever comes first', async () => {
    let issued = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const agent = new UserAgent(clinch.url);
      const { idToken } = await enter(clinch, app, person, agent);
      const answers = await Promise.all(Array.from({ length: CODES }, () => agent.get(authorizeUrl(clinch.url, app))));
      const codes = answers.map((answer) => responseParameters(answer).get('code') ?? '');
      const [left, ...tokens] = await Promise.all([
        new Promise((later) => setTimeout(later, round * 4)).then(() =>
          agent.get(logoutUrl(clinch.url, { id_token_hint: idToken })),
        ),
        ...codes.map((code) => redeem(clinch.url, app, code)),
      ]);
      expect(left?.status).toBe(200);
      const good = tokens.flatMap((answer) => ('body' in answer && answer.status === 200 ? [answer.body] : []));
      issued += good.length;
      for (const { refresh_token: token } of good) {
        const { status, body } = await refresh(clinch.url, app, String(token));
        expect([status, body['error']]).toEqual([400, 'invalid_grant']);
      }
    }
    // Otherwise nothing was raced.
    expect(issued).toBeGreaterThan(0);
  });
});
