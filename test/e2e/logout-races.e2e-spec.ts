import { DataSource } from 'typeorm';
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

  it('ends a grant that is being redeemed for as long as its refresh tokens could live', async () => {
    const { agent, idToken } = await enter(clinch, app, person);
    await agent.get(authorizeUrl(clinch.url, app));
    await agent.get(logoutUrl(clinch.url, { id_token_hint: idToken }));
    const rows: { expires_at: number | string }[] = await clinch.app.get(DataSource).query(
      `SELECT r.expires_at FROM revoked_tokens r JOIN authorization_codes a ON a.grant_id = r.id
       WHERE a.client_id = '${app.clientId}'`,
    );
    // The one that was redeemed has its family's end.
    expect(rows).toHaveLength(2);
    const days = rows.map((row) => (Number(row.expires_at) - Date.now()) / 86_400_000);
    for (const each of days) expect(each).toBeGreaterThan(29);
  });

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
