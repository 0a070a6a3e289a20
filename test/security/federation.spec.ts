import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FederationError } from '../../src/app-templates/federation-error.js';
import { ChainWorker } from '../../src/audit-trail/chain-worker.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson } from '../support/builders.js';
import { cloudApp, withCloud, type CloudTemplate } from '../support/role-federation.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, UserAgent, type Answer } from '../support/user-agent.js';
import { captureLog, type CapturedLog } from './support/b-log.js';

const TICKET = 'ticket-that-opens-the-console';

describe('apps that take an id_token in the place of a sign-in', () => {
  let clinch: TestClinch;
  let admin: AdminApi;
  let cloud: CloudTemplate;
  let log: CapturedLog;
  let agent: UserAgent;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_LOG_LEVEL: 'info' });
    log = captureLog(clinch.app);
    cloud = withCloud(clinch);
    admin = await AdminApi.of(clinch);
    await admin.made('apps', cloudApp('cloud', {}, [{ name: 'one' }, { name: 'two' }]));
    agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch)), await aPerson(clinch));
  });
  afterAll(() => clinch.stop());

  /** By a link, and by the page. */
  async function launch(): Promise<Answer[]> {
    const page = await agent.get('/launch/cloud');
    const { action, hidden } = formOf(page);
    return [page, await agent.get('/launch/cloud?role=one'), await agent.post(action, { ...hidden, role: 'two' })];
  }

  /** What must be nowhere: the tokens and each part of them. */
  function secrets(): string[] {
    const tokens = cloud.openings.map(({ idToken }) => idToken);
    return [...new Set([...tokens, ...tokens.flatMap((token) => token.split('.').slice(1))])];
  }

  async function everythingWritten(): Promise<string> {
    await clinch.app.get(ChainWorker).settled();
    const events = await admin.call('GET', 'audit-events?limit=200');
    const metrics = await (await fetch(`${clinch.url}/metrics`)).text();
    return log.text() + JSON.stringify(events.body) + metrics;
  }

  it('lets neither token nor ticket into a log line, the trail, a figure or an answer but the one that leaves', async () => {
    cloud.answer = async ({ role }) => ({
      location: `https://console.cloud.example/?t=${TICKET}`,
      details: { role_arn: role.name },
    });
    const answers = await launch();
    expect(answers.map(({ status }) => status)).toEqual([200, 303, 303]);
    expect(cloud.openings).toHaveLength(2);
    const seen = (await everythingWritten()) + answers.map(({ url, text }) => url + text).join('');
    expect(seen).toContain('federation.opened');
    for (const secret of [...secrets(), TICKET]) expect(seen.includes(secret), secret).toBe(false);
  });

  it('nor when the other side refuses, or the template goes wrong with the token in its hands', async () => {
    // What no leg threw is a fault of this server, and its log has the error.
    const failures: [number, (token: string) => Error][] = [
      [502, (token) => new FederationError('trust_policy', { leg: 'sts', cause: new Error(token) })],
      [500, (token) => new Error(`GET https://sts.example/?OIDCToken=${token} failed`, { cause: { token } })],
      [500, (token) => Object.assign(new Error('x'), { code: token, name: token })],
    ];
    for (const [status, failure] of failures) {
      cloud.answer = ({ idToken }) => Promise.reject(failure(idToken));
      const answers = await launch();
      expect(answers.map(({ status }) => status)).toEqual([200, status, status]);
      const seen = (await everythingWritten()) + answers.map(({ url, text }) => url + text).join('');
      expect(seen).toContain('federation.failed');
      for (const secret of secrets()) expect(seen.includes(secret), secret).toBe(false);
    }
  });

  it('takes the answers of nobody else: the token is for this app alone, and good for nothing here', async () => {
    cloud.entersAtOnce();
    await agent.get('/launch/cloud?role=one');
    const token = cloud.openings.at(-1)?.idToken ?? '';
    for (const path of ['oidc/userinfo', 'admin/api/v1/apps']) {
      const answer = await fetch(`${clinch.url}/${path}`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status, path).toBe(401);
    }
  });
});
