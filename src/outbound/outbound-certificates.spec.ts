import { build } from 'esbuild';
import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClinchConfig } from '../config/clinch-config.js';
import { OutboundCertificates } from './outbound-certificates.js';

const trial = new OutboundCertificates(ClinchConfig.fromEnvironment({}));
const production = new OutboundCertificates(ClinchConfig.fromEnvironment({ CLINCH_ISSUER: 'https://id.example' }));

let folder: string;
let server: Server | undefined;

/** leaf ← intermediate ← root, each a certificate of its own. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clinch-chain-'));
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const made = (name: string, by: string | undefined, extensions: string) => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
    openssl('req', '-new', ...key, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    const signer = by === undefined ? ['-signkey', `${name}.key`] : ['-CA', `${by}.pem`, '-CAkey', `${by}.key`];
    const serial = by === undefined ? [] : ['-CAcreateserial'];
    const days = ['-days', '30', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, ...serial, ...days, '-out', `${name}.pem`);
  };
  const authority = 'basicConstraints=critical,CA:TRUE';
  made('root', undefined, authority);
  made('intermediate', 'root', authority);
  made('leaf', 'intermediate', 'subjectAltName=DNS:localhost');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  server?.close();
  server = undefined;
});

const pem = (name: string) => readFileSync(join(folder, `${name}.pem`), 'utf8');

async function listening(made: Server): Promise<string> {
  server = made;
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return `localhost:${(made.address() as AddressInfo).port}`;
}

const presenting = async (...names: string[]) =>
  listening(
    createTlsServer({ key: readFileSync(join(folder, 'leaf.key')), cert: names.map((name) => pem(name)).join('') }),
  );

/** What an operator would see: the certificates that openssl prints, in their order. */
async function seenByOpenssl(place: string): Promise<X509Certificate[]> {
  const words = ['s_client', '-showcerts', '-connect', place, '-servername', 'localhost'];
  const shown = await new Promise<string>((resolve) => {
    execFile('openssl', words, (_, stdout) => resolve(stdout)).stdin?.end();
  });
  const certificates = shown.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  return [...certificates].map(([text]) => new X509Certificate(text));
}

describe('the certificates of a host', () => {
  it.each([[['leaf']], [['leaf', 'intermediate']], [['leaf', 'intermediate', 'root']]])(
    'are those that it presents, and no other: %s',
    async (names) => {
      const place = await presenting(...names);
      const { chain } = await trial.presentedBy(`https://${place}/oidc`);
      expect(chain.map(({ subject }) => subject)).toEqual(names.map((name) => `CN=${name}`));
      expect(chain.at(-1)?.fingerprint).toBe(new X509Certificate(pem(names.at(-1) ?? '')).fingerprint);
    },
  );

  it('are those that openssl shows', async () => {
    const place = await presenting('leaf', 'intermediate');
    const seen = await seenByOpenssl(place);
    const { chain } = await trial.presentedBy(`https://${place}`);
    expect(chain.map(({ fingerprint }) => fingerprint)).toEqual(seen.map(({ fingerprint }) => fingerprint));
    expect(seen).toHaveLength(2);
  });

  it('are not trusted when they end at nobody whom this server knows', async () => {
    const whole = await trial.presentedBy(`https://${await presenting('leaf', 'intermediate', 'root')}`);
    expect(whole.fault).toBe('SELF_SIGNED_CERT_IN_CHAIN');
    server?.close();
    const alone = await trial.presentedBy(`https://${await presenting('leaf')}`);
    expect(alone.fault).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });
});

/** Looks at the certificates of an address; in a process of its own, since Node reads its own list of roots once. */
const PROGRAM = `
import { ClinchConfig } from './src/config/clinch-config.ts';
import { OutboundCertificates } from './src/outbound/outbound-certificates.ts';
const { fault } = await new OutboundCertificates(ClinchConfig.fromEnvironment({})).presentedBy(process.env.ADDRESS);
console.log(String(fault));
const { request } = await import('node:https');
request(process.env.ADDRESS, { method: 'GET' }).on('error', (error) => {
  console.log(error.code);
  process.exit();
}).end();
`;

/** @returns what is said of the chain, and how a request to there ends */
async function seenByProcess(address: string, roots: string): Promise<string[]> {
  const stdin = { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' as const };
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: roots, ADDRESS: address };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ['--input-type=module', '-'], { env }, (error, stdout) =>
      error === null ? resolve(stdout.trim().split('\n')) : reject(error),
    );
    child.stdin?.end(outputFiles[0]?.text);
  });
}

describe('a root that this server was told to trust', () => {
  it('is no root for anybody else', async () => {
    const place = await presenting('leaf', 'intermediate');
    server?.on('secureConnection', (socket: TLSSocket) => socket.destroy());
    const [fault, ended] = await seenByProcess(`https://${place}/`, join(folder, 'root.pem'));
    // The request was trusted, and hung up on.
    expect(ended).toBe('ECONNRESET');
    expect(fault).toMatch(/UNABLE_TO_GET_ISSUER_CERT/);
  });
});

describe('an address without certificates to look at', () => {
  it('is refused where Clinch does not go', async () => {
    await expect(production.presentedBy('https://127.0.0.1/')).rejects.toThrow('not public');
    await expect(production.presentedBy('https://localhost/')).rejects.toThrow('not public');
    await expect(trial.presentedBy('http://localhost:3000')).rejects.toThrow('it is not https');
  });

  it('fails when it speaks no TLS, hangs up, or is not there', async () => {
    const plain = await listening(createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await expect(trial.presentedBy(`https://${plain}`)).rejects.toThrow(/wrong version number|packet length|SSL/i);
    server?.close();
    const closing = await listening(createTcpServer((socket) => socket.destroy()));
    await expect(trial.presentedBy(`https://${closing}`)).rejects.toThrow(/ECONNRESET|closed|disconnected/);
    await new Promise((resolve) => server?.close(resolve));
    await expect(trial.presentedBy(`https://${closing}`)).rejects.toThrow('ECONNREFUSED');
  });

  it('fails within five seconds when it says nothing', async () => {
    const sockets: { destroy(): void }[] = [];
    const silent = await listening(createTcpServer((socket) => sockets.push(socket)));
    const began = Date.now();
    await expect(trial.presentedBy(`https://${silent}`)).rejects.toThrow('no answer in time');
    expect(Date.now() - began).toBeLessThan(7_000);
    for (const socket of sockets) socket.destroy();
  });
});
