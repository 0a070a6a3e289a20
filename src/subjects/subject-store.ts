import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong } from '../database/json-rows.js';

/** A subject that is kept. */
export interface KeptSubject {
  readonly subject: string;
  readonly accountId: string;
  readonly rule: string;
}

/** One that is kept in a sector, whichever that is. */
export interface SubjectOfSector extends KeptSubject {
  readonly sector: string;
}

interface Row {
  sector: string;
  subject: string;
  account_id: string;
  rule: string;
}

const FIND = statement(
  'subject_find',
  'SELECT subject FROM subjects WHERE sector = $1 AND rule = $2 AND account_id = $3',
);
const HOLDER = statement('subject_holder', 'SELECT account_id FROM subjects WHERE sector = $1 AND subject = $2');
// Of any number of first sign-ins at once, one keeps its row; of two people who would get the same value, one gets it.
const KEEP = statement(
  'subject_keep',
  `INSERT INTO subjects (sector, subject, account_id, rule, created_at) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT DO NOTHING`,
);
const ADOPT = statement(
  'subject_adopt',
  'UPDATE subjects SET rule = $4 WHERE sector = $1 AND subject = $2 AND account_id = $3',
);
// What speaks of somebody else anywhere: as their id, which is their subject in all public apps, or in whatever sector.
const IS_FOREIGN = statement(
  'subject_is_foreign',
  `SELECT 1 AS there FROM accounts WHERE id = $1 AND id <> $2
   UNION ALL SELECT 1 FROM subjects WHERE subject = $1 AND account_id <> $2`,
);

/** The subjects that were given out: the first value stays, and is never given to somebody else. */
@Injectable()
export class SubjectStore {
  private readonly concerned: Statement;
  private readonly ids: Statement;

  constructor(private readonly database: Database) {
    const among = (column: string, member: string): string => isAmong(database.kind, column, '$1', member);
    this.concerned = statement(
      'subjects_concerned',
      `SELECT sector, subject, account_id, rule FROM subjects WHERE ${among('subject', 'value')}
       UNION SELECT sector, subject, account_id, rule FROM subjects WHERE sector = $2 AND ${among('account_id', 'account_id')}`,
    );
    this.ids = statement('subjects_that_are_ids', `SELECT id FROM accounts WHERE ${among('id', 'value')}`);
  }

  async find(sector: string, rule: string, accountId: string): Promise<string | undefined> {
    return (await this.database.first<{ subject: string }>(FIND, sector, rule, accountId))?.subject;
  }

  /** Whose subject that is in the sector, by whatever rule. */
  async holderOf(sector: string, subject: string): Promise<string | undefined> {
    return (await this.database.first<{ account_id: string }>(HOLDER, sector, subject))?.account_id;
  }

  /** Keeps the value, unless the person has one by this rule, or somebody else has the value. */
  async keep(sector: string, { subject, accountId, rule }: KeptSubject): Promise<void> {
    await this.database.run(KEEP, sector, subject, accountId, rule, Date.now());
  }

  /** Takes what an older rule made for the same person over for this one. @returns whether there is such a row */
  async adopt(sector: string, { subject, accountId, rule }: KeptSubject): Promise<boolean> {
    return (await this.database.run(ADOPT, sector, subject, accountId, rule)) === 1;
  }

  /** Whether a text is the subject of anybody else, in this app or another. */
  async isForeign(text: string, accountId: string): Promise<boolean> {
    return (await this.database.first(IS_FOREIGN, text, accountId)) !== undefined;
  }

  /** What is kept of these people in the sector, or under these values in any. */
  async concerning(sector: string, wanted: readonly WantedSubject[]): Promise<SubjectOfSector[]> {
    const rows = await this.database.all<Row>(this.concerned, asked(wanted), sector);
    return rows.map(({ sector: of, subject, account_id: accountId, rule }) => ({
      sector: of,
      subject,
      accountId,
      rule,
    }));
  }

  /** Those of the values that are ids of accounts. */
  async accountIdsAmong(wanted: readonly WantedSubject[]): Promise<Set<string>> {
    const rows = await this.database.all<{ id: string }>(this.ids, asked(wanted));
    return new Set(rows.map(({ id }) => id));
  }
}

/** A value that an expression gives for a person; none where it gives none. */
export interface WantedSubject {
  readonly accountId: string;
  readonly value: string | undefined;
}

function asked(wanted: readonly WantedSubject[]): string {
  return JSON.stringify(wanted.map(({ accountId, value }) => ({ account_id: accountId, value: value ?? null })));
}
