import { type RequestOptions, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { type DetailedPeerCertificate, connect } from 'node:tls';
import type { JSONWebKeySet } from 'jose';
import type { OidcProvider } from './ram.js';
import { tokenRefusal } from './refusal.js';

const WITHIN_MS = 5000;
const MOST_BYTES = 512 * 1024;

export interface IssuerTrust {
  /** Whether an issuer on this machine may be reached without https, which Alibaba Cloud itself never does. */
  readonly allowLoopback: boolean;
  /** PEM: what the chain of an issuer may end in, in place of the list that Node has. */
  readonly authorities?: readonly string[];
}

/**
 * Fetches the keys of an issuer as STS does: TLS, thumbprint, discovery document, JWKS.
 *
 * @throws {Refusal} HttpsUrlInvalid, PublicKeyFingerprintMismatch, IssuerConfigurationBroken
 */
export async function fetchIssuerKeys(provider: OidcProvider, trust: IssuerTrust): Promise<JSONWebKeySet> {
  const { issuer } = provider;
  const url = new URL(issuer);
  if (!(url.protocol === 'http:' && trust.allowLoopback && isLoopback(url.hostname))) {
    await requireChain(provider, trust);
  }
  const discovery = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, issuer, trust);
  if (discovery['issuer'] !== issuer) throw broken(issuer);
  const { jwks_uri: jwksUri } = discovery;
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw broken(issuer);
  const keys = await fetchJson(jwksUri, issuer, trust);
  if (!isKeySet(keys)) throw broken(issuer);
  return keys;
}

/** The chain must be one that is trusted, and the last certificate that the host presents one that RAM was told of. */
async function requireChain(provider: OidcProvider, trust: IssuerTrust): Promise<void> {
  const url = new URL(provider.issuer);
  if (url.protocol !== 'https:') throw untrusted(provider.issuer);
  const { isTrusted, fingerprint } = await lookAtChain(url, trust).catch(() => {
    throw broken(provider.issuer);
  });
  if (!isTrusted) throw untrusted(provider.issuer);
  const known = provider.fingerprints.map((each) => each.replaceAll(':', '').toLowerCase());
  if (known.includes(fingerprint)) return;
  const message = `The fingerprint of the issuer ${provider.issuer} does not match.`;
  throw tokenRefusal('PublicKeyFingerprintMismatch', message);
}

interface Chain {
  readonly isTrusted: boolean;
  readonly fingerprint: string;
}

async function lookAtChain(url: URL, trust: IssuerTrust): Promise<Chain> {
  const judged = await handshake(url, trust.authorities);
  // Without any authorities Node cannot add a root of its own to what the host presents.
  const presented = await handshake(url, []);
  return { isTrusted: judged.isTrusted, fingerprint: presented.fingerprint };
}

function handshake(url: URL, authorities: readonly string[] | undefined): Promise<Chain> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((done, fail) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(authorities === undefined ? {} : { ca: [...authorities] }),
    });
    socket.setTimeout(WITHIN_MS, () => socket.destroy(new Error('No answer in time.')));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      const fingerprint = lastOf(socket.getPeerCertificate(true)).fingerprint.replaceAll(':', '').toLowerCase();
      done({ isTrusted: socket.authorized, fingerprint });
      socket.destroy();
    });
  });
}

/** A root is its own issuer. */
function lastOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  const seen = new Set<DetailedPeerCertificate>();
  let last = certificate;
  while ((last.issuerCertificate as DetailedPeerCertificate | undefined) !== undefined && !seen.has(last)) {
    seen.add(last);
    last = last.issuerCertificate;
  }
  return last;
}

async function fetchJson(address: string, issuer: string, trust: IssuerTrust): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await fetchText(new URL(address), trust));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // The answer is the same for all of it: STS does not say more.
  }
  throw broken(issuer);
}

function fetchText(url: URL, { authorities }: IssuerTrust): Promise<string> {
  const options: RequestOptions & { ca?: string[] } = { timeout: WITHIN_MS, signal: AbortSignal.timeout(WITHIN_MS) };
  if (authorities !== undefined) options.ca = [...authorities];
  return new Promise((done, fail) => {
    const asked = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (answer) => {
      if (answer.statusCode !== 200) {
        answer.resume();
        fail(new Error(`It answers ${answer.statusCode}.`));
        return;
      }
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
        if (text.length > MOST_BYTES) answer.destroy(new Error('Too long.'));
      });
      answer.once('error', fail);
      answer.once('end', () => done(text));
    });
    asked.once('error', fail);
    asked.end();
  });
}

function isKeySet(value: Record<string, unknown>): value is Record<string, unknown> & JSONWebKeySet {
  return Array.isArray(value['keys']);
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

const broken = (issuer: string) =>
  tokenRefusal('IssuerConfigurationBroken', `Get public keys from OIDC Provider failed, the issuer is ${issuer}.`);

const untrusted = (issuer: string) =>
  tokenRefusal('HttpsUrlInvalid', `The https url of the issuer ${issuer} is invalid.`);
