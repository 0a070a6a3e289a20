import type { Request } from 'express';
import { Problem } from './problem.js';

/** Bytes. The largest honest body is an app with fifty addresses and twenty keys. */
export const LARGEST_BODY = 102_400;

/** Levels of objects and lists: the deepest honest field, `custom`, has four of its own. */
const DEEPEST = 10;

/** Names that reach behind an object instead of into it. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g;

/**
 * Reads a JSON object (RFC 8259) as a body, and nothing else: no other media type, no compression, no member twice.
 * Called after the guard, so that a stranger's body is not even read.
 *
 * @throws {Problem} 400, 413 or 415
 */
export async function readJson(request: Request): Promise<object> {
  requireJson(request);
  return parseJsonObject(await readBytes(request));
}

/** True when the request announces a body. */
export function hasBody(request: Request): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > 0;
}

/** @throws {Problem} */
export function parseJsonObject(bytes: Buffer): object {
  const text = decode(bytes);
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('The body must be a JSON object: { … }.');
  }
  inspectMembers(text);
  if (!isWellFormed(value)) throw malformed('The body holds half of a surrogate pair, which is no character.');
  return value;
}

function requireJson(request: Request): void {
  const [mediaType = '', ...attributes] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const isUtf8 = attributes.every((attribute) => /^\s*charset\s*=\s*"?utf-8"?\s*$/.test(attribute));
  if (mediaType.trim() !== 'application/json' || !isUtf8) {
    throw new Problem('unsupported-media-type', 'The body must have Content-Type: application/json, in UTF-8.');
  }
  if ((request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw new Problem('unsupported-media-type', 'A compressed body is not accepted; leave out Content-Encoding.');
  }
}

function readBytes(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > 8 * LARGEST_BODY) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // The rest is read and dropped, so that the answer reaches a client that is still sending.
      if (size <= LARGEST_BODY) chunks.push(chunk);
      else if (size > 8 * LARGEST_BODY) reject(tooLarge());
    });
    request.on('end', () => (size > LARGEST_BODY ? reject(tooLarge()) : resolve(Buffer.concat(chunks))));
    request.on('error', () => reject(malformed('The body ended early.')));
    request.on('aborted', () => reject(malformed('The body ended early.')));
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed('The body is not UTF-8.', error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the body, which may hold a password.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw malformed(`The body is not JSON${position === undefined ? '' : `; look at character ${position}`}.`);
  }
}

/**
 * RFC 8259 §4: what a repeated name means, nobody agrees on; a proxy may have judged the other one. The text is known
 * to be JSON here, so brackets and colons outside of strings are enough to follow it.
 */
function inspectMembers(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let last = '""';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') addMember(open.at(-1), JSON.parse(last) as string);
    else last = token;
    if (open.length > DEEPEST) throw malformed(`The body is nested deeper than ${DEEPEST} levels.`);
  }
}

function addMember(names: Set<string> | undefined, name: string): void {
  if (FORBIDDEN_NAMES.has(name)) throw malformed(`A member may not be called ${name}.`);
  if (names?.has(name) === true) throw malformed(`The member ${name.slice(0, 100)} is there twice.`);
  names?.add(name);
}

/** Shallow by now, so recursion is safe. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => isWellFormed(name) && isWellFormed(member));
}

function malformed(detail: string, cause?: unknown): Problem {
  return new Problem('malformed-request', detail, { cause });
}

function tooLarge(): Problem {
  return new Problem('body-too-large', `The body has more than ${LARGEST_BODY} bytes.`);
}
