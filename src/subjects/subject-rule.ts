import { createHash } from 'node:crypto';
import type { ClientEntity } from '../app-registry/client.entity.js';

/** How the subjects of an app are made, and among which of its kind they are each somebody's alone. */
export type SubjectRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'pairwise' | 'expression'; readonly sector: string; readonly name: string };

/** The columns that decide. */
export type SubjectMetadata = Pick<
  ClientEntity,
  'clientId' | 'createdAt' | 'subjectType' | 'sectorIdentifierUri' | 'redirectUris' | 'subjectExpression'
>;

const PUBLIC = { kind: 'public' } as const;

/** An app whose pairwise subjects have no sector was never accepted; should there be one, it shares with nobody. */
export function subjectRule(app: SubjectMetadata): SubjectRule {
  if (app.subjectType === 'pairwise') {
    return { kind: 'pairwise', sector: sectorOf(app) ?? sectorOfApp(app), name: 'pairwise' };
  }
  if (app.subjectExpression === null) return PUBLIC;
  // Another expression is another rule: what the last one gave stays taken, and people have it no more.
  const digest = createHash('sha256').update(app.subjectExpression).digest('base64url');
  return { kind: 'expression', sector: sectorOfApp(app), name: `expression:${digest}` };
}

/** Where the subjects of an app are each somebody's alone; undefined where they are the ids of accounts. */
export function subjectSector(app: SubjectMetadata): string | undefined {
  const rule = subjectRule(app);
  return rule.kind === 'public' ? undefined : rule.sector;
}

/**
 * OpenID Connect Core 1.0 §8.1: the host of `sector_identifier_uri`, or the one host that all redirect URIs have.
 *
 * @returns undefined where there is no one host
 */
export function sectorOf({
  sectorIdentifierUri,
  redirectUris,
}: Pick<SubjectMetadata, 'sectorIdentifierUri' | 'redirectUris'>): string | undefined {
  if (sectorIdentifierUri !== null) return new URL(sectorIdentifierUri).hostname;
  const hosts = new Set(redirectUris.map((uri) => (URL.canParse(uri) ? new URL(uri).hostname : '')));
  const [host] = hosts;
  return hosts.size === 1 && host !== '' ? host : undefined;
}

/**
 * No host has a colon outside of brackets, so that no app can be called like a sector. With the time of registration, so
 * that what an earlier app of the same id gave out speaks of nobody in this one.
 */
function sectorOfApp({ clientId, createdAt }: Pick<SubjectMetadata, 'clientId' | 'createdAt'>): string {
  return `client:${clientId}:${createdAt.getTime()}`;
}

/**
 * What is wrong with a value that an expression gave. OpenID Connect Core 1.0 §2: at most 255 ASCII characters. RFC 9068
 * §5: a token whose `sub` is its own client is about no person.
 */
export function subjectFault(value: unknown, clientId: string): string | undefined {
  if (typeof value !== 'string' || value === '') return 'is empty';
  if (!/^[\x21-\x7e]{1,255}$/.test(value)) return 'is not 1 to 255 printable characters of ASCII without spaces';
  return value === clientId ? 'is the id of the app itself' : undefined;
}
