import { Injectable } from '@nestjs/common';
import { lookup } from 'node:dns/promises';
import type { SetupCheck } from '../app-templates/app-template.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { hostOf, mayReach } from '../outbound/destination.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import type { PresentedCertificates } from '../outbound/outbound-certificates.js';
import { SigningKeyStore } from '../token-signing/signing-key-store.js';
import { objectOf, type Json } from './answers.js';
import { judged } from './app-checks.js';
import { IssuerCertificates, thumbprintOf } from './issuer-certificates.js';

const DAY_MS = 86_400_000;
/** Days before its end at which a certificate should have been renewed. */
const RENEWAL_DAYS = 14;

/** A document of the issuer as it comes over the network, or why it does not. */
type Fetched = { readonly json: Json } | { readonly fault: string };

/**
 * Whether the issuer can be reached, and is what it says, by whoever comes from outside. This server stands at another place
 * than Alibaba Cloud, behind other firewalls and with roots of its own, so what passes here can still fail there.
 */
@Injectable()
export class IssuerChecks {
  constructor(
    private readonly http: OutboundHttp,
    private readonly certificates: IssuerCertificates,
    private readonly keys: SigningKeyStore,
    private readonly config: ClinchConfig,
  ) {}

  async of(app: Client): Promise<SetupCheck[]> {
    const { issuer } = this.config;
    const [open, discovery, certificate] = await Promise.all([
      isPublic(issuer),
      this.fetched(`${issuer}/.well-known/openid-configuration`),
      this.certificate(),
    ]);
    const jwksUri = 'json' in discovery ? discovery.json['jwks_uri'] : undefined;
    const jwks = isOnHost(jwksUri, issuer) ? await this.fetched(jwksUri) : undefined;
    return [open, reachable(issuer, discovery), exact(issuer, discovery), this.keysOf(app, jwks), certificate];
  }

  private async fetched(url: string): Promise<Fetched> {
    if (!url.startsWith('https://')) return { fault: 'is not fetched: it is not https' };
    try {
      const { status, body } = await this.http.request(url, { headers: { Accept: 'application/json' } });
      const json = status === 200 ? objectOf(jsonOf(body)) : undefined;
      if (json !== undefined) return { json };
      return {
        fault: status === 200 ? 'answers with something that is no JSON object' : `answers with status ${status}`,
      };
    } catch (error) {
      return { fault: `cannot be fetched: ${reasonOf(error)}` };
    }
  }

  /** The key that signs this app's tokens now must be among those that the world sees. */
  private keysOf({ metadata }: Client, jwks: Fetched | undefined): SetupCheck {
    const { kid } = this.keys.current(metadata.idTokenSignedResponseAlg);
    const own = this.keys.published().find((key) => key['kid'] === kid);
    const good = `The key that signs now (${kid}) is published.`;
    if (jwks === undefined)
      return judged('keys', ['are not looked at, because it is not known where they are'], good, 'The keys');
    if ('fault' in jwks) return judged('keys', [jwks.fault], good, 'The JWK Set');
    const listed: unknown[] = Array.isArray(jwks.json['keys']) ? jwks.json['keys'] : [];
    const seen = listed.map(objectOf).find((key) => key?.['kid'] === kid);
    const isSame = seen !== undefined && ['kty', 'n', 'e', 'x', 'y'].every((member) => seen[member] === own?.[member]);
    const fault =
      seen === undefined ? `does not have the key that signs now (${kid})` : `has another key by the name of ${kid}`;
    return judged('keys', isSame ? [] : [fault], good, 'The JWK Set that comes from there');
  }

  private async certificate(): Promise<SetupCheck> {
    try {
      return judgedChain(await this.certificates.presented());
    } catch (error) {
      return {
        name: 'certificate',
        state: 'failed',
        detail: `There is no certificate to look at: ${reasonOf(error)}.`,
      };
    }
  }
}

async function isPublic(issuer: string): Promise<SetupCheck> {
  const host = hostOf(new URL(issuer).hostname);
  const good = `Every address of ${host} is public. Only from the internet can it be told whether a firewall is before it.`;
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    const foreign = addresses.filter((address) => !mayReach(host, address, { loopback: false, outboundAllow: [] }));
    const fault = `leads to ${foreign.join(', ')}, which nobody can reach from the internet: Alibaba Cloud fetches the keys from there`;
    return judged('issuer_public', foreign.length === 0 ? [] : [fault], good, host);
  } catch (error) {
    return judged('issuer_public', [`has no address here: ${reasonOf(error)}`], good, host);
  }
}

function reachable(issuer: string, discovery: Fetched): SetupCheck {
  const about = `${issuer}/.well-known/openid-configuration`;
  return judged(
    'issuer_reachable',
    'fault' in discovery ? [discovery.fault] : [],
    `${about} answers over HTTPS.`,
    about,
  );
}

/** RAM compares to the letter, and takes the thumbprint of one host. */
function exact(issuer: string, discovery: Fetched): SetupCheck {
  if ('fault' in discovery) {
    return {
      name: 'issuer_exact',
      state: 'failed',
      detail: 'What it says of itself is not known: it was not fetched.',
    };
  }
  const { issuer: said, jwks_uri: jwksUri } = discovery.json;
  const faults = [
    ...(said === issuer ? [] : [`says that the issuer is ${shown(said)}, not ${issuer}`]),
    ...(isOnHost(jwksUri, issuer) ? [] : [`says that the keys are at ${shown(jwksUri)}, on another host`]),
  ];
  return judged('issuer_exact', faults, `It says that it is ${issuer}, to the letter.`, 'The discovery document');
}

function judgedChain(presented: PresentedCertificates): SetupCheck {
  const { chain, fault } = presented;
  const name = 'certificate';
  const days = Math.floor((Date.parse(chain[0]?.validTo ?? '') - Date.now()) / DAY_MS);
  const thumbprint = thumbprintOf(presented);
  if (fault !== undefined) {
    const detail =
      `The chain of ${chain.length} that the host presents is not to be trusted: ${fault}. It needs every certificate up to a ` +
      `root that everybody knows; Alibaba Cloud refuses all others, whatever the thumbprint (${thumbprint}).`;
    return { name, state: 'failed', detail };
  }
  const good = `The chain of ${chain.length} is trusted, ${days} days are left, and its thumbprint is ${thumbprint}.`;
  const warnings = [
    ...(days < RENEWAL_DAYS ? ['It should be renewed.'] : []),
    ...(chain.length === 1
      ? ['The host presents its own certificate only, so the thumbprint changes whenever that is renewed.']
      : []),
  ];
  return { name, state: warnings.length === 0 ? 'passed' : 'warning', detail: [good, ...warnings].join(' ') };
}

function isOnHost(address: unknown, issuer: string): address is string {
  if (typeof address !== 'string' || !URL.canParse(address)) return false;
  const [one, other] = [new URL(address), new URL(issuer)];
  return one.protocol === other.protocol && one.host === other.host;
}

/** Somebody else may answer at that address, with whatever they like. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z0-9:/._~%[\]-]{1,300}$/.test(value)
    ? value
    : 'something that is no address';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The code of what went wrong underneath, where there is one: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
