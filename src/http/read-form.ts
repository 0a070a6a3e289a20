import type { Request } from 'express';
import { OAuthError } from '../protocol/oauth-error.js';
import { Parameters } from '../protocol/parameters.js';

/** Bytes. The largest honest body is a client assertion of a few kilobytes. */
const LARGEST_BODY = 16_384;

/**
 * Reads an `application/x-www-form-urlencoded` body (RFC 6749 appendix B), and nothing else: no other media type, no
 * compression, no nesting. The URL's query is never looked at (RFC 6749 §2.3.1).
 *
 * @throws {OAuthError} invalid_request, with 413 and 415 where they say more than 400
 */
export async function readForm(request: Request): Promise<Parameters> {
  const [mediaType = '', ...attributes] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  if (mediaType.trim() !== 'application/x-www-form-urlencoded' || !attributes.every(isUtf8)) {
    throw new OAuthError('invalid_request', 'the body must be application/x-www-form-urlencoded in UTF-8');
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new OAuthError('invalid_request', 'a compressed body is not accepted', { status: 415 });
  }
  return Parameters.parse(await readText(request));
}

function isUtf8(attribute: string): boolean {
  const charset = /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(attribute)?.[1];
  return charset === undefined || charset === 'utf-8';
}

function readText(request: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_BODY) {
        chunks.push(chunk);
        return;
      }
      // The rest is read and dropped, so that the answer reaches a client that is still sending.
      chunks.length = 0;
    });
    request.on('end', () => {
      if (size > LARGEST_BODY) reject(tooLarge());
      else resolve(Buffer.concat(chunks).toString('utf8'));
    });
    request.on('error', reject);
    request.on('aborted', () => reject(new OAuthError('invalid_request', 'the body ended early')));
    if (Number(request.headers['content-length'] ?? 0) > 8 * LARGEST_BODY) reject(tooLarge());
  });
}

function tooLarge(): OAuthError {
  return new OAuthError('invalid_request', `the body has more than ${LARGEST_BODY} bytes`, { status: 413 });
}
