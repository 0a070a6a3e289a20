import { statement, type Database } from '../database/database.js';

/** Rows are counted up to here, so that counting stays cheap. */
const MOST_COUNTED = 10_000;

/** Seconds: interactions, codes, states and the like are over after this, whatever they are. */
export const SHORT_LIVED = 86_400;

/**
 * What is recognised by a keyed digest and lives longer than a day. A digest cannot be made anew without what it is of, so
 * the key that it was made with is needed until it is over. `$1` is now, `$2` is since when the current key is the current
 * one, `$3` is its id.
 */
const LONG_LIVED: Readonly<Record<string, string>> = {
  // A rotation makes a digest with the current key.
  refresh_tokens: 'refresh_tokens WHERE expires_at > $1 AND COALESCE(rotated_at, created_at) < $2',
  sessions: 'sessions WHERE expires_at > $1 AND ended_at IS NULL AND started_at < $2',
  console_sessions: 'console_sessions WHERE expires_at > $1 AND started_at < $2',
  // Made anew whenever the app uses it.
  client_secrets: "client_secrets WHERE (expires_at IS NULL OR expires_at > $1) AND COALESCE(digest_key_id, '') <> $3",
  // RFC 7592: as long as the registration.
  registration_access_tokens: 'clients WHERE registration_digest IS NOT NULL AND created_at < $2',
};

/** What is out there that only an older master key recognises, counted up to ten thousand of each kind. */
export async function liveDigests(
  database: Database,
  { now, since, keyId }: { readonly now: number; readonly since: number; readonly keyId: string },
): Promise<Record<string, number>> {
  const counts: [string, number][] = [];
  for (const [name, rows] of Object.entries(LONG_LIVED)) {
    const used = [now, since, keyId].filter((_, index) => rows.includes(`$${index + 1}`));
    const query = statement(`live_digests_${name}`, counting(rows));
    const row = await database.first<{ n: number | string }>(query, ...used);
    counts.push([name, Number(row?.n ?? 0)]);
  }
  return Object.fromEntries(counts);
}

/** The placeholders that are there, numbered from one. */
function counting(rows: string): string {
  const used = [1, 2, 3].filter((index) => rows.includes(`$${index}`));
  const numbered = rows.replace(/\$(\d)/g, (_, index: string) => `$${used.indexOf(Number(index)) + 1}`);
  return `SELECT COUNT(*) AS n FROM (SELECT 1 FROM ${numbered} LIMIT ${MOST_COUNTED}) AS live`;
}
