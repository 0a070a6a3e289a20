import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KIND = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

const CONFIGURATION = `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[server]
basicConstraints = CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
`;

/** A server's certificate on this machine, one authority between it and its root. All are PEM. */
export interface CertificateChain {
  readonly root: string;
  readonly intermediate: string;
  readonly certificate: string;
  readonly key: string;
  /** What a server should present: all but the root. */
  readonly presented: string;
}

/** Makes one that nobody has trusted before, by OpenSSL; it lasts two days. */
export function certificateChain(): CertificateChain {
  const folder = mkdtempSync(join(tmpdir(), 'clinch-chain-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  writeFileSync(file('openssl.cnf'), CONFIGURATION);
  const config = ['-config', file('openssl.cnf')];
  const requested = (name: string, subject: string) => [...KIND, '-keyout', file(`${name}.key`), '-subj', subject];
  const signed = (name: string, by: string, extensions: string) => {
    openssl('req', '-new', ...requested(name, `/CN=${name}.test`), ...config, '-out', file(`${name}.csr`));
    const authority = ['-CA', file(`${by}.pem`), '-CAkey', file(`${by}.key`), '-CAcreateserial', '-days', '2'];
    const wished = ['-extfile', file('openssl.cnf'), '-extensions', extensions];
    openssl('x509', '-req', '-in', file(`${name}.csr`), ...authority, ...wished, '-out', file(`${name}.pem`));
  };
  try {
    const self = ['-x509', '-days', '2', '-extensions', 'authority', '-out', file('root.pem')];
    openssl('req', ...requested('root', '/CN=root.test'), ...config, ...self);
    signed('intermediate', 'root', 'authority');
    signed('server', 'intermediate', 'server');
    const read = (name: string) => readFileSync(file(name), 'utf8');
    const [certificate, intermediate] = [read('server.pem'), read('intermediate.pem')];
    const presented = `${certificate}${intermediate}`;
    return { root: read('root.pem'), intermediate, certificate, key: read('server.key'), presented };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As RAM wants it: SHA-1, in hex, without colons. */
export function thumbprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase();
}
