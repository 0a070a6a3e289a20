import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import { parseJsonObject } from '../../admin/read-json.js';
import { Parameters } from '../../protocol/parameters.js';
import type { SealedCallback } from '../api/callback-crypto.js';

/**
 * Bytes. The longest honest event names a thousand people by user ids of 64 characters, which encrypted and in base64
 * are 90 kB; what is longer is not read.
 */
const LARGEST_BODY = 131_072;

const LONGEST_NONCE = 128;

/** The request is not what DingTalk sends. Why is for the log: the answer is the same for all of these. */
export class CallbackFaultError extends Error {
  override readonly name = 'CallbackFaultError';
}

/**
 * Reads a callback: `signature` or `msg_signature`, `timestamp` and `nonce` from the query, `encrypt` from the body, each
 * exactly once.
 *
 * @throws {CallbackFaultError}
 */
export async function readCallback(request: Request): Promise<SealedCallback> {
  const query = request.originalUrl.split('?').slice(1).join('?');
  const { signature, timestamp, nonce } = readQuery(query);
  const { encrypt } = parsed(await readBytes(request));
  if (typeof encrypt !== 'string') throw new CallbackFaultError('encrypt is missing');
  return { signature, timestamp, nonce, encrypt };
}

/**
 * The object in a callback's body, or in its message.
 *
 * @throws {CallbackFaultError} also when a member is there twice
 */
export function parsed(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    return parseJsonObject(bytes) as Record<string, unknown>;
  } catch (error) {
    throw new CallbackFaultError('it is not a JSON object', { cause: error });
  }
}

/**
 * Whether a callback comes from where the source's callbacks may come from.
 *
 * @param networks addresses and networks; none for anywhere
 */
export function isFrom(networks: readonly string[], request: Request): boolean {
  if (networks.length === 0) return true;
  // Express believes a header only of a proxy that the operator trusts.
  const named = request.ip ?? '';
  if (!ipaddr.isValid(named)) return false;
  const peer = ipaddr.process(named);
  return networks.some((network) => {
    if (!network.includes('/'))
      return ipaddr.isValid(network) && ipaddr.process(network).toString() === peer.toString();
    if (!ipaddr.isValidCIDR(network)) return false;
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === peer.kind() && peer.match([base, bits]);
  });
}

function readQuery(query: string): Omit<SealedCallback, 'encrypt'> {
  const parameters = parametersOf(query);
  const [signature = parameters.get('msg_signature'), timestamp, nonce] = ['signature', 'timestamp', 'nonce'].map(
    (name) => parameters.get(name),
  );
  if (signature === undefined || timestamp === undefined || nonce === undefined) {
    throw new CallbackFaultError('signature, timestamp or nonce is missing');
  }
  if ((parameters.get('msg_signature') ?? signature) !== signature) {
    throw new CallbackFaultError('there are two signatures');
  }
  if (!/^\d{1,16}$/.test(timestamp) || nonce.length > LONGEST_NONCE) {
    throw new CallbackFaultError('timestamp or nonce is malformed');
  }
  return { signature, timestamp, nonce };
}

function parametersOf(query: string): Parameters {
  try {
    return Parameters.parse(query).refuseRepeats();
  } catch (error) {
    throw new CallbackFaultError('the query is malformed', { cause: error });
  }
}

/** What is too long is refused by its announced length; without one, when it has become too long. */
function readBytes(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: string) => reject(new CallbackFaultError(reason));
    if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) refuse('the body is too long');
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // The rest is read and dropped, so that the answer reaches a client that is still sending.
      if (size <= LARGEST_BODY) chunks.push(chunk);
      else refuse('the body is too long');
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => refuse('the body ended early'));
    request.on('aborted', () => refuse('the body ended early'));
  });
}
