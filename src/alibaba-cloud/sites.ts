import type { Reach } from '../outbound/destination.js';
import { destinationFault, hostOf } from '../outbound/destination.js';
import { isLoopbackHost } from '../protocol/loopback.js';

export const SITES = ['china', 'international'] as const;

/** Alibaba Cloud has two sites, with accounts and a console of their own. */
export type Site = (typeof SITES)[number];

interface SiteAddresses {
  /** Where credentials become a session in the browser. */
  readonly signin: string;
  /** The first page of the console. */
  readonly destination: string;
  /** The region that a command line begins with. */
  readonly region: string;
}

export const ADDRESSES: Readonly<Record<Site, SiteAddresses>> = {
  china: {
    signin: 'https://signin.aliyun.com/federation',
    destination: 'https://home.console.aliyun.com/',
    region: 'cn-hangzhou',
  },
  international: {
    signin: 'https://signin.alibabacloud.com/federation',
    destination: 'https://home.console.alibabacloud.com/',
    region: 'ap-southeast-1',
  },
};

/** One endpoint of the Security Token Service for all regions. */
const STS = 'https://sts.aliyuncs.com/';

/** Characters. */
const LONGEST_ADDRESS = 2_000;

/** What Alibaba Cloud itself takes for its own pages: the same list as for SAML's RelayState. */
const OWN_DOMAINS = [
  'aliyun.com',
  'alibabacloud.com',
  'alipay.com',
  'taobao.com',
  'tmall.com',
  'hichina.com',
  'yunos.com',
];

/** `cn-hangzhou`, `cn-shanghai-finance-1`: never `oss-cn-hangzhou`, below which everybody can have a name. */
const REGION = '[a-z]{2}-[a-z]+(-[a-z0-9]+){0,3}';

/** Below aliyuncs.com stand names that customers choose, such as those of buckets, so the service is named to the letter. */
const STS_HOST = new RegExp(`^sts(-vpc)?(\\.${REGION})?\\.aliyuncs\\.com$`);
const SIGNIN_HOST = /^signin(-[a-z]+)?\.(aliyun|alibabacloud)\.com$/;

export function isRegion(text: string): boolean {
  return new RegExp(`^${REGION}$`).test(text);
}

/** @param region undefined: the endpoint for all regions */
export function stsAddress(region: string | undefined): string {
  return region === undefined ? STS : `https://sts.${region}.aliyuncs.com/`;
}

/**
 * What is wrong with how an address is written. A parser forgives blanks, line ends and backslashes, each its own way: what is
 * judged here must be what the next one reads.
 */
export function writingFault(address: string): string | undefined {
  if (!URL.canParse(address)) return 'must be an https address';
  const { href, pathname } = new URL(address);
  // A bare origin is the same with its slash and without.
  const isNormal = address === href || (pathname === '/' && `${address}/` === href);
  return isNormal ? undefined : 'must be written in its normal form, as a browser shows it';
}

/**
 * A page of Alibaba Cloud, in its normal form.
 *
 * @returns undefined for every other address: the person arrives there signed in, and trusts what is there
 */
export function consolePage(address: string): string | undefined {
  if (address.length > LONGEST_ADDRESS || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isPlain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  const host = url.hostname;
  const isOwn = OWN_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));
  return isPlain && isOwn ? url.href : undefined;
}

/**
 * What is wrong with an endpoint that is to be asked instead of Alibaba Cloud's usual one: id tokens and credentials are
 * sent there. It is Alibaba Cloud's own; or where the issuer is on this machine, for trials; or a host that the operator
 * named in CLINCH_OUTBOUND_ALLOW.
 */
export function endpointFault(service: 'sts' | 'signin', address: string, reach: Reach): string | undefined {
  const writing = writingFault(address);
  if (writing !== undefined) return writing;
  const url = new URL(address);
  // The parser says nothing of those that are empty, and what we add would come behind them.
  if (/[?#]/.test(address)) return 'may hold neither a query nor a fragment';
  const fault = destinationFault(address, reach);
  if (fault !== undefined) return fault;
  const host = hostOf(url.hostname);
  const isOwn = url.protocol === 'https:' && url.port === '' && (service === 'sts' ? STS_HOST : SIGNIN_HOST).test(host);
  const isHere = reach.loopback && isLoopbackHost(host);
  if (isOwn || isHere || reach.outboundAllow.includes(host)) return undefined;
  return 'is not at Alibaba Cloud; the operator can allow another host (CLINCH_OUTBOUND_ALLOW)';
}
