import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AccountBelongings } from '../accounts/account-belongings.js';
import { Database, statement } from '../database/database.js';
import type { HistoryKind } from '../ui/messages.portal.js';
import { SignInEventEntity } from './sign-in-event.entity.js';

/** One line, as it is read. */
export interface PastEvent {
  readonly id: string;
  readonly kind: HistoryKind;
  readonly happenedAt: Date;
  readonly clientId: string | undefined;
  readonly method: string | undefined;
  readonly address: string;
  readonly userAgent: string;
  /** What the browser of the ended session said that it is, where it was ended from another one. */
  readonly endedUserAgent: string | undefined;
  /** How often within its hour; the place and the time are those of the last. */
  readonly times: number;
}

/** The line that a page ends with: the next one begins after it. */
export type HistoryPlace = Pick<PastEvent, 'id' | 'happenedAt'>;

interface Row {
  id: string;
  kind: HistoryKind;
  happened_at: number | string;
  client_id: string | null;
  method: string | null;
  address: string;
  user_agent: string;
  ended_user_agent: string | null;
  times: number;
}

const NEWEST = statement(
  'sign_in_event_newest',
  `SELECT id, kind, happened_at, client_id, method, address, user_agent, ended_user_agent, times
   FROM sign_in_events
   WHERE account_id = $1 AND expires_at > $2 AND (happened_at < $3 OR (happened_at = $3 AND id < $4))
   ORDER BY happened_at DESC, id DESC LIMIT $5`,
);

/** Milliseconds: after every line that there can be. */
const THE_END = Number.MAX_SAFE_INTEGER;

/** The time line of one person. */
@Injectable()
export class SignInHistory implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly belongings: AccountBelongings,
  ) {}

  onModuleInit(): void {
    this.belongings.declare(SignInEventEntity, (accountId) => ({ accountId }));
  }

  /** The newest first. @param after the last line of the page before */
  async of(accountId: string, limit: number, after?: HistoryPlace): Promise<PastEvent[]> {
    const place = [after?.happenedAt.getTime() ?? THE_END, after?.id ?? ''] as const;
    const rows = await this.database.all<Row>(NEWEST, accountId, Date.now(), ...place, limit);
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      happenedAt: new Date(Number(row.happened_at)),
      clientId: row.client_id ?? undefined,
      method: row.method ?? undefined,
      address: row.address,
      userAgent: row.user_agent,
      endedUserAgent: row.ended_user_agent ?? undefined,
      times: row.times,
    }));
  }
}
