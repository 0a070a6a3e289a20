import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { getRepositoryToken } from '@nestjs/typeorm';
import { MoreThan, type Repository } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import { AuditExportEntity } from '../../src/audit-export/audit-export.entity.js';
import { AuditChain } from '../../src/audit-trail/audit-chain.js';
import { ChainWorker } from '../../src/audit-trail/chain-worker.js';
import { ExportWorker } from '../../src/audit-export/export-worker.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const SECRET = 'only-for-tests-and-32-characters-long';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that answers as it is told, and keeps what it took. */
class Receiver {
  readonly posts: Post[] = [];
  status = 200;
  /** Whatever holds this is answered with 413. */
  poison: string | undefined;
  private readonly server: Server = createHttpServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      this.posts.push({ headers: request.headers, body });
      response.writeHead(this.poison !== undefined && body.includes(this.poison) ? 413 : this.status).end();
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  events(): Json[] {
    return this.posts.flatMap(({ body }) => JSON.parse(body) as Json[]);
  }
}

async function happen(names: readonly string[]): Promise<void> {
  for (const group of names) clinch.app.get(AuditLog).record('group.created', { address: '192.0.2.9' }, { group });
  await clinch.app.get(ChainWorker).settled();
}

async function sent(): Promise<void> {
  await clinch.app.get(ExportWorker).settled();
}

describe('a webhook for audit events', () => {
  it('gets what happens from then on, in order, signed, and never again once it has it', async () => {
    const receiver = new Receiver();
    const address = await receiver.start();
    const made = await admin.made('audit-exports', { kind: 'webhook', name: 'SIEM', address, secret: SECRET });
    expect(JSON.stringify(made)).not.toContain(SECRET);
    await happen(['one', 'two', 'three']);
    await sent();
    const groups = receiver.events().filter(({ event }) => event === 'group.created');
    expect(groups.map(({ subject }) => (subject as Json)['id'])).toEqual(['one', 'two', 'three']);
    expect(groups[0]).toMatchObject({
      address: '192.0.2.9',
      outcome: 'success',
      previous_hash: expect.any(String) as string,
    });
    const seqs = receiver.events().map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(new Set(seqs).size).toBe(seqs.length);
    for (const { headers, body } of receiver.posts) {
      const timestamp = String(headers['x-clinch-timestamp']);
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
      const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
      expect(headers['x-clinch-signature']).toBe(`v1=${signature}`);
    }
    const { body } = await admin.call('GET', `audit-exports/${String(made['id'])}`);
    expect(body).toMatchObject({ failures: 0, last_error: null });
    await admin.call('DELETE', `audit-exports/${String(made['id'])}`);
    receiver.stop();
  });

  it('gets all that it missed, when it is back, as lines if it wishes', async () => {
    const receiver = new Receiver();
    const address = await receiver.start();
    receiver.status = 500;
    const fields = { kind: 'webhook', name: 'SIEM', address, secret: SECRET, format: 'ndjson' };
    const path = `audit-exports/${String((await admin.made('audit-exports', fields))['id'])}`;
    await happen(['missed-1', 'missed-2']);
    await sent();
    const failed = (await admin.call('GET', path)).body;
    expect(failed).toMatchObject({ last_error: 'answered with 500', last_sent_at: null });
    expect(Number(failed['failures'])).toBeGreaterThan(0);
    receiver.status = 204;
    receiver.posts.length = 0;
    await admin.call('PATCH', path, { name: 'try now' });
    await sent();
    const lines = receiver.posts.flatMap(({ body }) => body.trim().split('\n'));
    const events = lines.map((line) => JSON.parse(line) as Json).filter(({ event }) => event === 'group.created');
    expect(events.map(({ subject }) => (subject as Json)['id'])).toEqual(['missed-1', 'missed-2']);
    expect(receiver.posts[0]?.headers['content-type']).toBe('application/x-ndjson');
    const { body } = await admin.call('GET', path);
    expect(body).toMatchObject({ failures: 0, last_error: null });
    expect(Number(body['position'])).toBeLessThanOrEqual((await clinch.app.get(AuditChain).state()).lastSeq);
    await admin.call('DELETE', path);
    receiver.stop();
  });

  it.each([
    [{ kind: 'webhook', name: 'x', address: 'https://siem.example/', secret: 'short' }, ['secret']],
    [{ kind: 'webhook', name: 'x', address: 'https://siem.example/' }, ['secret']],
    [{ kind: 'webhook', name: 'x', address: 'https://10.0.0.1/', secret: SECRET }, ['address']],
    [{ kind: 'webhook', name: 'x', address: 'tcp://logs.example:514', secret: SECRET }, ['address']],
    [{ kind: 'syslog', name: 'x', address: 'https://siem.example/' }, ['address']],
    [{ kind: 'syslog', name: 'x', address: 'tls://logs.example' }, ['address']],
    [{ kind: 'syslog', name: 'x', address: 'udp://logs.example:514' }, ['address']],
    [{ kind: 'syslog', name: 'x', address: 'tcp://logs.example:6379' }, ['address']],
    [{ kind: 'syslog', name: 'x', address: 'tls://logs.example:25' }, ['address']],
    [{ kind: 'pigeon', name: 'x', address: 'https://siem.example/' }, ['kind']],
    [{ name: 'x', address: 'https://siem.example/' }, ['kind']],
  ])('is not made of %j', async (fields, problems) => {
    const answer = await admin.call('POST', 'audit-exports', fields);
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual(problems);
  });

  it('does not take its secret along to another address', async () => {
    const fields = { kind: 'webhook', name: 'x', address: 'https://siem.example/', secret: SECRET, enabled: false };
    const path = `audit-exports/${String((await admin.made('audit-exports', fields))['id'])}`;
    const answer = await admin.call('PATCH', path, { address: 'https://other.example/' });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['secret']]);
    await admin.call('DELETE', path);
  });
});

describe('a destination that cannot have everything', () => {
  const stored = () => clinch.app.get<Repository<AuditExportEntity>>(getRepositoryToken(AuditExportEntity));
  async function begin(receiver: Receiver, query = '') {
    const address = `${await receiver.start()}${query}`;
    const { id } = await admin.made('audit-exports', { kind: 'webhook', name: 'SIEM', address, secret: SECRET });
    return { id: String(id), path: `audit-exports/${String(id)}` };
  }
  const groupsAt = (receiver: Receiver) =>
    receiver.events().flatMap(({ event, subject }) => (event === 'group.created' ? [(subject as Json)['id']] : []));

  it('is told which event it does not take, gets all before it, and the rest when that one is skipped', async () => {
    const receiver = new Receiver();
    const { id, path } = await begin(receiver);
    await sent();
    receiver.poison = 'poison';
    await happen(['before', 'poison', 'after']);
    for (let each = 0; each < 60; each++) {
      const { lastError } = await stored().findOneByOrFail({ id });
      if (lastError?.startsWith('event ') === true) break;
      await stored().update({ id }, { nextAttemptAt: null });
      await sent();
    }
    const { body } = await admin.call('GET', path);
    const position = Number(body['position']) + 1;
    expect(body['last_error']).toBe(`event ${position}: answered with 413`);
    for (const wrong of [0, position + 1_000_000]) {
      expect(fieldsOf(await admin.call('PATCH', path, { position: wrong }))).toEqual(['position']);
    }
    receiver.posts.length = 0;
    expect((await admin.call('PATCH', path, { position })).body).toMatchObject({ position, last_error: null });
    await sent();
    expect(groupsAt(receiver)).toEqual(['after']);
    await happen([]);
    const { body: trail } = await admin.call('GET', `audit-events?event=audit_export.changed&subject_id=${id}`);
    expect((trail['items'] as Json[])[0]).toMatchObject({ details: { after: { position } } });
    await admin.call('DELETE', path);
    receiver.stop();
  });

  it('is told which events were deleted before it had them', async () => {
    const receiver = new Receiver();
    const { id, path } = await begin(receiver);
    await sent();
    await admin.call('PATCH', path, { enabled: false });
    const position = Number((await admin.call('GET', path)).body['position']);
    // As though three more had been there, and their time had come.
    await stored().update({ id }, { position: position - 3 });
    const find = vi.spyOn(stored().manager, 'find').mockImplementationOnce(async () => {
      find.mockRestore();
      return stored().manager.findBy(AuditEventEntity, { seq: MoreThan(position) });
    });
    await happen(['later']);
    await stored().update({ id }, { enabled: true });
    await sent();
    await happen(['later still']);
    await sent();
    const lost = `lost: events ${position - 2} to ${position} were deleted before they had been sent`;
    expect((await admin.call('GET', path)).body).toMatchObject({ failures: 0, last_error: lost });
    expect((await admin.call('PATCH', path, { name: 'seen' })).body).toMatchObject({ last_error: null });
    await admin.call('DELETE', path);
    receiver.stop();
  });

  it('keeps what stands in the query of its address to itself, and in place when it is sent back', async () => {
    const receiver = new Receiver();
    const { id, path } = await begin(receiver, '?token=hidden');
    const { address } = (await admin.call('GET', path)).body;
    expect(address).toMatch(/\/hook\?…$/);
    expect((await admin.call('PATCH', path, { address, name: 'Other' })).body).toMatchObject({
      address,
      name: 'Other',
    });
    expect((await stored().findOneByOrFail({ id })).address).toMatch(/\?token=hidden$/);
    await admin.call('DELETE', path);
    await happen([]);
    const { body } = await admin.call('GET', `audit-events?subject_id=${id}`);
    expect(body['items']).toHaveLength(3);
    expect(JSON.stringify(body)).not.toContain('hidden');
    receiver.stop();
  });
});

describe('a syslog server for audit events', () => {
  it('gets messages of RFC 5424 with their lengths before them (RFC 6587 §3.4.1)', async () => {
    let taken = Buffer.alloc(0);
    const server: NetServer = createServer((socket) => {
      socket.on('data', (chunk) => (taken = Buffer.concat([taken, chunk])));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const made = await admin.made('audit-exports', { kind: 'syslog', name: 'log', address });
    await happen(['研发']);
    await sent();
    const messages = framesOf(taken);
    const message = messages.find((each) => each.includes('group.created')) ?? '';
    expect(message).toMatch(/^<110>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ clinch \d+ group\.created - \{.*\}$/);
    expect(JSON.parse(message.slice(message.indexOf('{')))).toMatchObject({ subject: { type: 'group', id: '研发' } });
    await admin.call('DELETE', `audit-exports/${String(made['id'])}`);
    server.close();
  });

  it('gets them over TLS, once its certificate is trusted, and nothing before', async () => {
    const { key, cert } = selfSigned();
    let taken = Buffer.alloc(0);
    const server = tls.createServer({ key, cert }, (socket) => {
      socket.on('data', (chunk: Buffer) => (taken = Buffer.concat([taken, chunk])));
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `tls://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const made = await admin.made('audit-exports', { kind: 'syslog', name: 'log', address });
    const path = `audit-exports/${String(made['id'])}`;
    await happen(['over-tls']);
    await sent();
    expect((await admin.call('GET', path)).body).toMatchObject({
      last_error: expect.stringMatching(/self-signed/) as string,
    });
    expect(taken).toHaveLength(0);
    // As NODE_EXTRA_CA_CERTS does it, which is read once, when the process starts.
    const create = tls.createSecureContext;
    const trusting = vi.spyOn(tls, 'createSecureContext').mockImplementation((options) => {
      const context = create(options);
      (context.context as { addCACert: (pem: string) => void }).addCACert(cert);
      return context;
    });
    await admin.call('PATCH', path, { name: 'try now' });
    await sent();
    trusting.mockRestore();
    expect(framesOf(taken).filter((each) => each.includes('"over-tls"'))).toHaveLength(1);
    expect((await admin.call('GET', path)).body).toMatchObject({ failures: 0, last_error: null });
    await admin.call('DELETE', path);
    server.close();
  });
});

/** A certificate for 127.0.0.1 that is its own CA. */
function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'clinch-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const wished = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-nodes'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...wished, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return made;
}

function framesOf(bytes: Buffer): string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(' ', at);
    const length = Number(bytes.subarray(at, blank).toString());
    frames.push(bytes.subarray(blank + 1, blank + 1 + length).toString());
    at = blank + 1 + length;
  }
  return frames;
}
