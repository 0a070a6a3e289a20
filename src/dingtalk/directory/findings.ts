import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import type { PageRequest } from '../../admin/list-page.js';
import { Database, statement, type Statement } from '../../database/database.js';
import { jsonRows, partsOf } from '../../database/json-rows.js';
import { SyncDifferenceEntity, SyncErrorEntity } from './sync-run.entity.js';

/** In the order in which they are listed. */
export const DIFFERENCE_KINDS = [
  'department_new',
  'department_changed',
  'department_moved',
  'department_gone',
  'person_new',
  'person_changed',
  'person_returned',
  'person_gone',
  'places_changed',
  'role_new',
  'role_changed',
  'role_gone',
  'role_members_changed',
] as const;

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** What of it differs, as text; null where there was, or will be, nothing. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** One thing that is not here as it is in the organisation's directory. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** The directory's id of it. */
  readonly key: string;
  readonly name: string;
  readonly changes: readonly FieldChange[];
}

export type ErrorKind = 'department' | 'person' | 'role';

/** What could not be read or applied; the rest of the run went on. */
export interface SyncError {
  readonly kind: ErrorKind;
  readonly key: string;
  readonly message: string;
}

/** Milliseconds that findings can be looked at. */
const KEPT_MS = 30 * 86_400_000;
const LONGEST_KEY = 200;

/** What runs have found: differences and errors. Each has one row, however often it is found in a run. */
@Injectable()
export class Findings {
  private readonly putDifferences: Statement;
  private readonly putErrors: Statement;

  constructor(
    @InjectRepository(SyncDifferenceEntity) private readonly differences: Repository<SyncDifferenceEntity>,
    @InjectRepository(SyncErrorEntity) private readonly errors: Repository<SyncErrorEntity>,
    database: Database,
  ) {
    this.database = database;
    const difference = { id: 'text', kind: 'text', key: 'text', name: 'text', changes: 'text' } as const;
    this.putDifferences = statement(
      'sync_differences_put',
      `INSERT INTO directory_sync_differences (id, run_id, kind, key, name, changes, expires_at)
       SELECT id, $1, kind, key, name, changes, $3 FROM ${jsonRows(database.kind, '$2', difference)} AS put WHERE true
       ON CONFLICT (id) DO NOTHING`,
    );
    const error = { id: 'text', kind: 'text', key: 'text', message: 'text' } as const;
    this.putErrors = statement(
      'sync_errors_put',
      `INSERT INTO directory_sync_errors (id, run_id, kind, key, message, created_at, expires_at)
       SELECT id, $1, kind, key, message, $3, $4 FROM ${jsonRows(database.kind, '$2', error)} AS put WHERE true
       ON CONFLICT (id) DO NOTHING`,
    );
  }

  private readonly database: Database;

  /** @returns how many of them were not known before */
  async differ(runId: string, found: readonly Difference[]): Promise<number> {
    let added = 0;
    for (const part of partsOf(found)) {
      const rows = part.map(({ kind, key, name, changes }) => ({
        // Listed by kind; within a kind in no order that would mean something.
        id: `${runId}.${String.fromCodePoint(97 + DIFFERENCE_KINDS.indexOf(kind))}${digestOf(kind, key)}`,
        kind,
        key: key.slice(0, LONGEST_KEY),
        name,
        changes: JSON.stringify(changes),
      }));
      added += await this.database.run(this.putDifferences, runId, JSON.stringify(rows), Date.now() + KEPT_MS);
    }
    return added;
  }

  /** @returns how many of them were not known before */
  async fail(runId: string, found: readonly SyncError[]): Promise<number> {
    let added = 0;
    const now = Date.now();
    for (const part of partsOf(found)) {
      const rows = part.map(({ kind, key, message }) => ({
        id: `${runId}.${digestOf(kind, key)}`,
        kind,
        key: key.slice(0, LONGEST_KEY),
        message,
      }));
      added += await this.database.run(this.putErrors, runId, JSON.stringify(rows), now, now + KEPT_MS);
    }
    return added;
  }

  async listDifferences(runId: string, { limit, after }: PageRequest, kind?: string): Promise<SyncDifferenceEntity[]> {
    return this.differences.find({
      where: {
        runId,
        ...(kind === undefined ? {} : { kind }),
        ...(after === undefined ? {} : { id: MoreThan(after) }),
      },
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  async listErrors(runId: string, { limit, after }: PageRequest): Promise<SyncErrorEntity[]> {
    return this.errors.find({
      where: { runId, ...(after === undefined ? {} : { id: MoreThan(after) }) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('base64url').slice(0, 22);
}
