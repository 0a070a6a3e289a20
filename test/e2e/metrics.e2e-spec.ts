import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '../../src/database/database.js';
import { Measurements } from '../../src/measurements/measurements.js';
import { Purge } from '../../src/operations/purge.js';
import { testDatabaseKind } from '../support/postgres.js';
import { countRows, insertRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const TOKEN = 'a/token+with=signs!and$more';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** By node:http, because fetch does not let a caller choose the host. */
async function read(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(`${url}/metrics`, { headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    })
      .on('error', reject)
      .end();
  });
}

/** The value of one series, or undefined when there is none. */
function valueOf({ text }: Answer, metric: string, table: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${metric}{table="${table}"} `));
  return line === undefined ? undefined : Number(line.split(' ')[1]);
}

describe('/metrics', () => {
  let clinch: TestClinch;
  let dataSource: DataSource;

  beforeAll(async () => {
    clinch = await startClinch();
    dataSource = clinch.app.get(DataSource);
    // Rounds begin only when a test says so.
    clearTimeout(clinch.app.get(Purge)['timer']);
  });
  afterAll(() => clinch.stop());

  it('speaks the text format of Prometheus, and is kept nowhere', async () => {
    const { status, headers, text } = await read(clinch.url);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toContain('# TYPE clinch_rows_past_due gauge');
    expect(text).toContain('# TYPE clinch_rows_purged_total counter');
    for (const line of text.split('\n')) {
      expect(line).toMatch(/^$|^(# (HELP|TYPE) |[a-zA-Z_:][\w:]*(\{[^}]*\})? ([\d.e+-]+|nan)$)/i);
    }
  });

  it.each([
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ])('measures %s', async (name) => {
    expect((await read(clinch.url)).text).toMatch(new RegExp(`^${name} `, 'm'));
  });

  it.each(['deploy/grafana/clinch.json', 'deploy/prometheus/alerts.yml'])('has all that %s asks for', async (file) => {
    const { text } = await read(clinch.url);
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    // Only where there are several clocks, and several connections.
    const ofPostgres = new Set(['clinch_clock_skew_seconds', 'clinch_database_connections']);
    const asked = readFileSync(file, 'utf8').matchAll(/\b(?:clinch|nodejs|process)_[a-z0-9_]+/g);
    const names = [...asked].map(([name]) => name.replace(/_(bucket|count|sum)$/, ''));
    expect(names.length).toBeGreaterThan(10);
    const absent = names.filter((name) => !known.has(name));
    expect(absent.filter((name) => testDatabaseKind() === 'postgres' || !ofPostgres.has(name))).toEqual([]);
  });

  it('has all that is declared in docs/operations.md', () => {
    const text = readFileSync('docs/operations.md', 'utf8').replaceAll(
      '`…_dropped',
      '`clinch_http_connections_dropped',
    );
    const declared = clinch.app
      .get(Measurements)
      .all()
      .map(({ name }) => name);
    expect(declared.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('is there within four seconds while the database is silent', async () => {
    let release: (error: Error) => void = () => undefined;
    const never = new Promise<never>((_, reject) => (release = reject));
    const silent = vi.spyOn(clinch.app.get(Database), 'first').mockReturnValue(never);
    const began = performance.now();
    const answer = await read(clinch.url);
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(answer.text).toMatch(/^process_cpu_seconds_total /m);
    expect(valueOf(answer, 'clinch_rows_past_due', 'interactions')).toBeUndefined();
    silent.mockRestore();
    // Whoever else asked meanwhile goes on.
    release(new Error('Connection terminated'));
  });

  it('counts requests by route and outcome, never by what stands in the address', async () => {
    const unknown = await fetch(`${clinch.url}/secret-${'x'.repeat(40)}`);
    await unknown.text();
    await (await fetch(`${clinch.url}/admin/api/v1/apps/an-app`)).text();
    await (await fetch(`${clinch.url}/oidc/token`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })).text();
    const { text } = await read(clinch.url);
    expect(text).not.toContain('secret-');
    expect(text).not.toContain('an-app');
    for (const labels of [
      'method="GET",route="none",outcome="4xx"',
      'method="GET",route="/admin/api/v1/apps/:client_id",outcome="4xx"',
      'method="POST",route="/oidc/token",outcome="4xx"',
    ]) {
      expect(text).toMatch(new RegExp(`^clinch_http_request_duration_seconds_count\\{${labels}\\} 1$`, 'm'));
    }
    expect(text).toMatch(/^clinch_refusals_total\{route="\/oidc\/token",error="invalid_request"\} 1$/m);
  });

  it('says which version runs', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await read(clinch.url)).text).toContain(`clinch_build_info{version="${version}"`);
  });

  it('counts what is past due, which falls to 0 when the purge has run, and what the purge has deleted', async () => {
    await insertRows(dataSource, 'interactions', 7, { expires_at: Date.now() });
    await insertRows(dataSource, 'interactions', 2, { expires_at: Date.now() + 60_000 });
    // Expired, but kept for another minute.
    await insertRows(dataSource, 'used_assertions', 3, { expires_at: Date.now() });
    const before = await read(clinch.url);
    expect(valueOf(before, 'clinch_rows_past_due', 'interactions')).toBe(7);
    expect(valueOf(before, 'clinch_rows_past_due', 'used_assertions')).toBe(0);
    await clinch.app.get(Purge).run();
    const after = await read(clinch.url);
    expect(valueOf(after, 'clinch_rows_past_due', 'interactions')).toBe(0);
    const purged = (valueOf(after, 'clinch_rows_purged_total', 'interactions') ?? 0) - purgedOf(before, 'interactions');
    expect(purged).toBe(7);
    expect(purgedOf(await read(clinch.url), 'interactions')).toBe(purgedOf(after, 'interactions'));
    expect(await countRows(dataSource, 'interactions')).toBe(2);
  });

  it('counts no further than 100,001, so that a scrape of a long backlog stays cheap', async () => {
    await dataSource.query(
      `INSERT INTO used_assertions (digest, expires_at)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100010)
       SELECT 'd' || i, 1 FROM n`,
    );
    expect(valueOf(await read(clinch.url), 'clinch_rows_past_due', 'used_assertions')).toBe(100_001);
    await dataSource.query('DELETE FROM used_assertions');
  });

  it('is there without the database, but for what only that knows', async () => {
    vi.spyOn(clinch.app.get(Database), 'first').mockRejectedValue(new Error('connection terminated'));
    const answer = await read(clinch.url);
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^process_cpu_seconds_total /m);
    expect(valueOf(answer, 'clinch_rows_past_due', 'interactions')).toBeUndefined();
    expect(purgedOf(answer, 'sessions')).toBeGreaterThanOrEqual(0);
  });

  it('is for this machine only, and for no proxy on it', async () => {
    const unknown = await fetch(`${clinch.url}/nothing-here`, { headers: { accept: 'application/json' } });
    const strange = { 'X-Forwarded-For': '127.0.0.1', Forwarded: 'for=127.0.0.1', Host: 'id.example' };
    for (const header of Object.entries(strange)) {
      const refused = await read(clinch.url, Object.fromEntries([header]));
      expect(refused.status).toBe(404);
      expect(refused.text).toBe(await unknown.clone().text());
    }
  });

  it('takes no other method', async () => {
    const answer = await fetch(`${clinch.url}/metrics`, { method: 'POST' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });
});

function purgedOf(answer: Answer, table: string): number {
  return valueOf(answer, 'clinch_rows_purged_total', table) ?? Number.NaN;
}

describe('/metrics behind a trusted proxy', () => {
  let clinch: TestClinch;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1', CLINCH_ISSUER: 'https://id.example/auth' });
  });
  afterAll(() => clinch.stop());

  const local = () => clinch.url.replace(/\/auth$/, '');

  it('is not there through the proxy, whoever the proxy speaks for', async () => {
    for (const address of ['192.0.2.1', '127.0.0.1', '']) {
      expect((await read(local(), { 'X-Forwarded-For': address })).status).toBe(404);
    }
  });

  it('is there on the machine itself, over plain http', async () => {
    expect((await read(local())).status).toBe(200);
  });
});

describe('/metrics with CLINCH_METRICS_TOKEN', () => {
  let clinch: TestClinch;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_METRICS_TOKEN: TOKEN });
  });
  afterAll(() => clinch.stop());

  it('is for whoever brings the token, also through a proxy', async () => {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'X-Forwarded-For': '192.0.2.1', Host: 'id.example' };
    expect((await read(clinch.url, headers)).status).toBe(200);
  });

  it('challenges everybody else, on this machine too (RFC 6750 §3)', async () => {
    const without = await read(clinch.url);
    expect([without.status, without.headers['www-authenticate']]).toEqual([401, 'Bearer realm="clinch"']);
    const wrong = await read(clinch.url, { Authorization: `Bearer ${TOKEN}x` });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toMatch(/^Bearer realm="clinch", error="invalid_token"/);
    expect(wrong.headers['cache-control']).toBe('no-store');
    expect(without.text + wrong.text).not.toContain('clinch_rows');
  });

  it('takes the token from the header only', async () => {
    const answer = await fetch(`${clinch.url}/metrics?access_token=${encodeURIComponent(TOKEN)}`);
    expect(answer.status).toBe(401);
  });

  it('does not guess between two Authorization headers', async () => {
    const raw = await new Promise<number>((resolve, reject) => {
      const headers = ['Host', 'localhost', 'Authorization', `Bearer ${TOKEN}`, 'Authorization', 'Bearer other'];
      request(`${clinch.url}/metrics`, { headers }, (answer) => resolve(answer.resume().statusCode ?? 0))
        .on('error', reject)
        .end();
    });
    expect(raw).toBe(400);
  });
});
