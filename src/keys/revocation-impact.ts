import { Injectable } from '@nestjs/common';
import { ServerLog } from '../audit/server-log.js';
import { Database, statement } from '../database/database.js';
import { DEFAULT_SIGNING_ALGORITHM } from '../protocol/signing-algorithm.js';
import { LONGEST_ACCESS_TOKEN, LONGEST_ID_TOKEN } from '../token-signing/key-times.js';
import { SigningKeyRows } from '../token-signing/signing-key-rows.js';
import type { AffectedApp, RevocationResult, SigningKey } from './key.dto.js';

/** Rows of each kind are counted up to here, the newest sign-ins first, so that the answer comes soon however many there are. */
const MOST_COUNTED = 100_000;
const MOST_APPS = 100;

const COUNT_APPS = statement(
  'keys_count_apps',
  'SELECT COUNT(*) AS n FROM clients WHERE id_token_signed_response_alg = $1',
);
const REFRESH_TOKENS = statement(
  'keys_refresh_tokens',
  `SELECT client_id, COUNT(*) AS n FROM (SELECT client_id FROM refresh_tokens WHERE expires_at > $1 LIMIT ${MOST_COUNTED}) f
   GROUP BY client_id`,
);
const SIGN_INS = statement(
  'keys_sign_ins',
  `SELECT client_id, COUNT(*) AS n
   FROM (SELECT client_id FROM session_clients WHERE last_used_at > $1 ORDER BY last_used_at DESC LIMIT ${MOST_COUNTED}) s GROUP BY client_id`,
);
const APPS = statement(
  'keys_apps',
  `SELECT client_id, client_name, id_token_signed_response_alg AS alg FROM clients ORDER BY client_id LIMIT ${MOST_COUNTED}`,
);

interface Counted {
  client_id: string;
  n: number | string;
}

interface AppRow {
  client_id: string;
  client_name: string;
  alg: string;
}

type Impact = Pick<
  RevocationResult,
  'verifiers_cache_seconds' | 'access_tokens' | 'apps_total' | 'apps' | 'consequences'
>;

/** Who fails when a key is revoked. */
@Injectable()
export class RevocationImpact {
  constructor(
    private readonly database: Database,
    private readonly rows: SigningKeyRows,
    private readonly log: ServerLog,
  ) {}

  async of(key: SigningKey): Promise<Impact> {
    const facts = this.facts(key);
    const total = await this.database.first<{ n: number | string }>(COUNT_APPS, key.alg);
    return {
      ...known(facts),
      apps_total: Number(total?.n ?? 0),
      apps: facts.hasTokens ? await this.apps(key, facts.accessTokens) : [],
      consequences: consequences(key, facts),
    };
  }

  /** After the revocation: it is done, so that what cannot be counted is left out. */
  async afterwards(key: SigningKey): Promise<Impact> {
    try {
      return await this.of(key);
    } catch (error) {
      this.log.failure({ kind: 'revocation_impact', err: error }, 'who fails could not be counted');
      const facts = this.facts(key);
      const reason = 'The key is revoked. Which apps fail could not be counted in time.';
      return { ...known(facts), apps_total: null, apps: null, consequences: [reason, ...consequences(key, facts)] };
    }
  }

  private facts(key: SigningKey): Facts {
    // What was only announced has signed nothing, and what it signed before is long over.
    const hasTokens = key.state === 'signing' || key.state === 'retiring';
    const accessTokens = hasTokens && key.alg === DEFAULT_SIGNING_ALGORITHM;
    return { hasTokens, accessTokens, jwksMaxAge: this.rows.times.jwksMaxAge };
  }

  private async apps({ alg }: SigningKey, accessTokens: boolean): Promise<AffectedApp[]> {
    const now = Date.now();
    const [apps, refreshTokens, signIns] = await Promise.all([
      this.database.all<AppRow>(APPS),
      this.counts(REFRESH_TOKENS, now),
      this.counts(SIGN_INS, now - Math.max(LONGEST_ACCESS_TOKEN, LONGEST_ID_TOKEN) * 1000),
    ]);
    return apps
      .filter((app) => app.alg === alg || accessTokens)
      .map((app) => ({
        client_id: app.client_id,
        client_name: app.client_name,
        id_tokens: app.alg === alg,
        access_tokens: accessTokens,
        refresh_tokens: refreshTokens.get(app.client_id) ?? 0,
        sign_ins: signIns.get(app.client_id) ?? 0,
      }))
      .toSorted((a, b) => b.refresh_tokens + b.sign_ins - a.refresh_tokens - a.sign_ins)
      .slice(0, MOST_APPS);
  }

  private async counts(query: typeof REFRESH_TOKENS, since: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.all<Counted>(query, since);
    return new Map(rows.map(({ client_id: id, n }) => [id, Number(n)]));
  }
}

interface Facts {
  readonly hasTokens: boolean;
  readonly accessTokens: boolean;
  readonly jwksMaxAge: number;
}

function known({ accessTokens, jwksMaxAge }: Facts) {
  return { verifiers_cache_seconds: jwksMaxAge, access_tokens: accessTokens };
}

function consequences({ alg }: SigningKey, { hasTokens, accessTokens, jwksMaxAge }: Facts): string[] {
  const cached = `Apps and APIs that keep the key set believe in the key for up to ${jwksMaxAge} seconds more.`;
  if (!hasTokens) return ['No token is signed with it: nobody fails.', cached];
  return [
    ...(accessTokens
      ? [
          'All access tokens that it signed are refused within a second. Apps without a refresh token must get a new one.',
        ]
      : ['Access tokens are not signed with it: they stay good.']),
    `Id tokens with ${alg} that it signed fail wherever they are verified; as hints here they are refused.`,
    'Logout tokens that are on their way with it are refused by their apps; they are sent again, signed anew.',
    'Sign-ins and refresh tokens stay good: they are not signed. A refresh brings good tokens.',
    cached,
    `Until an app has read the key set again, up to ${jwksMaxAge} seconds, it may refuse tokens of the next key, unless that one was announced before.`,
  ];
}
