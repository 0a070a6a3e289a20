import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.setup.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AuditWriter } from '../../src/audit/audit-writer.js';
import { ServerLog } from '../../src/audit/server-log.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { Database } from '../../src/database/database.js';
import { HistoryWriter } from '../../src/sign-in-history/history-writer.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes, confirmationPage } from '../support/device.js';
import { atOwnPage, postFormTo } from '../support/own-pages.js';
import { aRefreshingApp, aRefreshToken, refresh } from '../support/refresh.js';
import { countRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, UserAgent, type Answer } from '../support/user-agent.js';

const { history: WORDS, device: DEVICE } = MESSAGES.en.portal;
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';

const HOUR = 3_600_000;
/** The last whole hour, so that what comes after it in a test is in one hour. */
const NOON = Math.floor(Date.now() / HOUR) * HOUR - HOUR;

let clinch: TestClinch;

beforeAll(async () => {
  clinch = await startClinch();
});
afterAll(() => clinch.stop());

async function historyOf(agent: UserAgent, path = '/account/history'): Promise<Answer> {
  await clinch.app.get(HistoryWriter).written();
  return agent.get(path);
}

/** The headings of the page, newest first, without what is marked up in them. */
function linesOn({ text }: Answer): string[] {
  return [...text.matchAll(/<h2>(.*?)<\/h2>/gs)].map(([, line = '']) => line.replace(/<[^>]*>/g, ' ').trim());
}

function rowsOf({ id }: Pick<TestPerson, 'id'>): Promise<number> {
  return countRows(clinch.app.get(DataSource), 'sign_in_events', `account_id = '${id}'`);
}

async function wrongPassword(username: string, times: number): Promise<void> {
  const agent = new UserAgent(clinch.url);
  const login = await agent.follow(await agent.get('/account/history'));
  const { action, hidden } = formOf(login);
  for (let each = 0; each < times; each++) {
    await agent.post(action, { ...hidden, username, password: 'wrong' });
  }
}

function wrongFor(audit: AuditLog, { id }: TestPerson, address: string, userAgent: string): void {
  audit.record('sign_in.failed', { address }, { subject: id, userAgent });
}

describe('the time line of sign-ins', () => {
  it('says when somebody signed in, how, and from which device and address', async () => {
    const person = await aPerson(clinch);
    const agent = new UserAgent(clinch.url);
    agent.headers['User-Agent'] = CHROME;
    await atOwnPage(clinch.url, '/account/history', person, agent);
    const page = await historyOf(agent);
    expect(linesOn(page)).toEqual([`Signed in ${WORDS.withPassword}`]);
    expect(page.text).toContain(`Chrome on Windows · ${DEVICE.thisComputer}`);
    expect(page.text).toMatch(/<time datetime="\d{4}-/);
    expect(page.text).toContain(WORDS.lead(180));
  });

  it('counts wrong passwords together, and has none of a name that nobody has', async () => {
    const person = await aPerson(clinch);
    await wrongPassword(person.username, 3);
    await wrongPassword('nobody.at.all', 2);
    const { agent } = await atOwnPage(clinch.url, '/account/history', person);
    const page = await historyOf(agent);
    expect(linesOn(page)[1]).toContain(WORDS.kinds.wrong_password(''));
    expect(linesOn(page)[1]).toContain(WORDS.times(3));
  });

  it('cannot be buried under wrong passwords: one line an hour, from wherever and with whatever browser', async () => {
    const person = await aPerson(clinch);
    const { agent } = await atOwnPage(clinch.url, '/account/history', person);
    const audit = clinch.app.get(AuditLog);
    vi.useFakeTimers({ toFake: ['Date'], now: NOON });
    try {
      for (let hour = 0; hour < 24; hour++) {
        for (let each = 0; each < 30; each++) {
          vi.setSystemTime(NOON - hour * HOUR + each * 1000);
          wrongFor(audit, person, `203.0.113.${each}`, `Robot/${hour}.${each}`);
          // In two statements, as it would be over an hour.
          if (each === 14) await clinch.app.get(HistoryWriter).written();
        }
        if (hour === 12) audit.record('sign_in.succeeded', { accountId: person.id, address: '198.51.100.7' }, {});
      }
    } finally {
      vi.useRealTimers();
    }
    const page = await historyOf(agent);
    const lines = linesOn(page);
    expect(lines).toHaveLength(1 + 24 + 1);
    expect(lines.filter((line) => line.includes(WORDS.times(30)))).toHaveLength(24);
    expect(page.text).toContain('198.51.100.7');
    // The last of an hour, though another one was written first.
    expect(page.text.match(/203\.0\.113\.29/g)).toHaveLength(24);
    expect(page.text).not.toContain('203.0.113.28');
    expect(page.text).not.toContain(WORDS.older);
  });

  it('counts on whichever node a wrong password is typed', async () => {
    const person = await aPerson(clinch);
    const { database, log } = { database: clinch.app.get(Database), log: clinch.app.get(ServerLog) };
    const nodes = [0, 1, 2].map(() => {
      const audit = new AuditLog(log, clinch.app.get(AuditWriter));
      const writer = new HistoryWriter(audit, database, log);
      writer.onModuleInit();
      return { audit, writer };
    });
    const at = new Date(NOON);
    vi.useFakeTimers({ toFake: ['Date'], now: at });
    for (const { audit } of nodes) for (let each = 0; each < 50; each++) wrongFor(audit, person, '', `Robot/${each}`);
    vi.useRealTimers();
    await Promise.all(nodes.map(({ writer }) => writer.written()));
    const rows = await clinch.app
      .get(DataSource)
      .query<{ times: number }[]>(`SELECT times FROM sign_in_events WHERE account_id = '${person.id}'`);
    expect(rows).toEqual([{ times: 150 }]);
  });

  it('has no refusals of programs: only those that a person met', async () => {
    const person = await aPerson(clinch);
    const { agent } = await atOwnPage(clinch.url, '/account/history', person);
    const app = await aRefreshingApp(clinch, { clientName: 'Mail program', access: 'assigned' });
    const record = vi.spyOn(clinch.app.get(AuditLog), 'record');
    const { token } = await aRefreshToken(clinch, app, person);
    expect((await refresh(clinch.url, app, token)).status).toBe(400);
    expect(record.mock.calls.map(([event]) => event)).toContain('access.refused');
    record.mockRestore();
    expect(linesOn(await historyOf(agent))).toEqual([`${WORDS.kinds.signed_in('')} ${WORDS.withPassword}`]);
  });

  it('has devices that were let in, refused apps, withdrawn consents, and what an operator did', async () => {
    const person = await aPerson(clinch);
    const { agent } = await atOwnPage(clinch.url, '/account/history', person);
    const cli = await aCli(clinch, { clientName: 'Deploy <CLI>' });
    const codes = await askForCodes(clinch.url, cli);
    await agent.press((await confirmationPage(clinch.url, codes, person, agent)).page, 'allow');
    const closed = await anApp(clinch, { clientName: 'Payroll', access: 'assigned' });
    await agent.follow(await agent.get(authorizeUrl(clinch.url, closed)));
    const admin = await AdminApi.of(clinch);
    expect((await admin.call('DELETE', `consents/${person.id}.${cli.clientId}`)).status).toBe(204);
    const page = await historyOf(agent);
    const { kinds } = WORDS;
    expect(linesOn(page)).toEqual([
      kinds.consent_withdrawn('Deploy &lt;CLI>'),
      kinds.access_refused('Payroll'),
      kinds.device_allowed('Deploy &lt;CLI>'),
      `${kinds.signed_in('')} ${WORDS.withPassword}`,
    ]);
    const set = await admin.call('PATCH', `users/${person.id}`, { password: 'another long password 1' });
    expect(set.status).toBe(200);
    const again = await atOwnPage(clinch.url, '/account/history', { ...person, password: 'another long password 1' });
    expect(linesOn(await historyOf(again.agent))).toContain(kinds.password_set(''));
  });

  it('says which other session was ended from where, and nothing of those that had run out by themselves', async () => {
    const person = await aPerson(clinch);
    const over = await atOwnPage(clinch.url, '/account/history', person);
    const rows = clinch.app.get(DataSource);
    await rows.query(`UPDATE sessions SET last_used_at = 1 WHERE account_id = '${person.id}'`);
    const elsewhere = new UserAgent(clinch.url);
    elsewhere.headers['User-Agent'] = CHROME;
    await atOwnPage(clinch.url, '/account/history', person, elsewhere);
    const here = new UserAgent(clinch.url);
    here.headers['User-Agent'] = 'DingTalk/7.6 (iPhone)';
    await atOwnPage(clinch.url, '/account/history', person, here);
    const { page } = await atOwnPage(clinch.url, '/account/sessions', person, here);
    const { action, hidden } = postFormTo(page, '/account/sessions', 'value="others"');
    expect((await here.post(action, { ...hidden, session: 'others' })).status).toBe(303);
    const ended = WORDS.kinds.ended_other('Chrome on Windows');
    const signedIn = `${WORDS.kinds.signed_in('')} ${WORDS.withPassword}`;
    const told = await historyOf(here);
    expect(linesOn(told)).toEqual([ended, signedIn, signedIn, signedIn]);
    const [first = ''] = /<li class="entry">.*?<\/li>/s.exec(told.text) ?? [];
    expect(first).toContain('DingTalk');
    expect(first).toContain(DEVICE.thisComputer);
    // Over is over: again there is nothing that ended.
    await over.agent.get('/account/history');
    expect((await here.post(action, { ...hidden, session: 'others' })).status).toBe(303);
    expect(linesOn(await historyOf(here))).toHaveLength(4);
    const [mine] = await rows.query<{ id: string }[]>(
      `SELECT id FROM sessions WHERE account_id = '${person.id}' AND ended_at IS NULL`,
    );
    expect((await here.post(action, { ...hidden, session: mine?.id ?? '' })).status).toBe(303);
    const { agent } = await atOwnPage(clinch.url, '/account/history', person);
    expect(linesOn(await historyOf(agent)).slice(0, 2)).toEqual([signedIn, WORDS.kinds.signed_out('')]);
  });

  it('is one’s own, page by page', async () => {
    const [person, other] = [await aPerson(clinch), await aPerson(clinch)];
    const { agent } = await atOwnPage(clinch.url, '/account/history', person);
    const audit = clinch.app.get(AuditLog);
    for (let each = 0; each < 70; each++) {
      audit.record('consent.withdrawn', {}, { account: person.id, app: `app-${each}` });
    }
    audit.record('sign_in.succeeded', { accountId: other.id }, { method: 'dingtalk_in_app' });
    const seen: string[] = [];
    let path: string | undefined = '/account/history';
    let pages = 0;
    while (path !== undefined && pages++ < 10) {
      const page = await historyOf(agent, path);
      seen.push(...[...page.text.matchAll(/<time datetime="([^"]*)"/g)].map(([, time]) => time ?? ''));
      expect(page.text).not.toContain(WORDS.withDingTalk);
      path = /href="(\/account\/history\?before=[^"]*)"/.exec(page.text)?.[1];
    }
    expect(seen).toHaveLength(71);
    expect(seen).toEqual(seen.toSorted().toReversed());
    for (const before of ['x', '1.', `9.${'a'.repeat(99)}`, "1.'", '99999999999999999999.a']) {
      expect((await agent.get(`/account/history?before=${encodeURIComponent(before)}`)).status, before).toBe(200);
    }
  });

  it('shows what a browser says of itself as text', async () => {
    const person = await aPerson(clinch);
    const agent = new UserAgent(clinch.url);
    agent.headers['User-Agent'] = '<script>alert(1)</script>';
    await atOwnPage(clinch.url, '/account/history', person, agent);
    const page = await historyOf(agent);
    expect(linesOn(page)).toHaveLength(1);
    expect(page.text).not.toContain('<script');
  });

  it('costs no sign-in when it cannot be written, and is written when the database is back', async () => {
    const person = await aPerson(clinch);
    const database = clinch.app.get(Database);
    const run = database.run.bind(database);
    const away = vi.spyOn(database, 'run').mockImplementation((statement, ...values) => {
      if (statement.name !== 'sign_in_event_insert') return run(statement, ...values);
      return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    });
    const { agent, page } = await atOwnPage(clinch.url, '/account/history', person);
    expect(page.status).toBe(200);
    await clinch.app.get(HistoryWriter).written();
    expect(await rowsOf(person)).toBe(0);
    away.mockRestore();
    expect(linesOn(await historyOf(agent))).toHaveLength(1);
  });

  it('goes with the account, and nothing is written of one that is gone', async () => {
    const person = await aPerson(clinch);
    await atOwnPage(clinch.url, '/account/history', person);
    await clinch.app.get(HistoryWriter).written();
    expect(await rowsOf(person)).toBe(1);
    const admin = await AdminApi.of(clinch);
    expect((await admin.call('DELETE', `users/${person.id}`)).status).toBe(204);
    expect(await rowsOf(person)).toBe(0);
    clinch.app.get(AuditLog).record('sign_in.succeeded', { accountId: person.id }, {});
    await clinch.app.get(HistoryWriter).written();
    expect(await rowsOf(person)).toBe(0);
  });

  it('is written to the end when the server stops', async () => {
    const node = await createApp(
      ClinchConfig.fromEnvironment({
        DATABASE_URL: clinch.databaseUrl,
        CLINCH_MASTER_KEY: 'dGVzdHMgb25seTogbm90IGEgc2VjcmV0IGF0IGFsbCE=',
        CLINCH_LOG_LEVEL: 'silent',
      }),
    );
    await node.init();
    const person = await aPerson(clinch);
    node.get(AuditLog).record('sign_in.succeeded', { accountId: person.id }, { method: 'pwd' });
    expect(await rowsOf(person)).toBe(0);
    await node.close();
    expect(await rowsOf(person)).toBe(1);
  });
});
