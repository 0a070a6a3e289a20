import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AuditLog } from '../audit/audit-log.js';
import { ServerLog } from '../audit/server-log.js';
import { asOAuthError } from '../http/failure.js';
import type { AdminActor } from './admin-actor.js';
import { LineWriter, linesOf, requireNdjson, type SentLine } from './ndjson.js';
import { Problem } from './problem.js';
import { parseJsonObject } from './read-json.js';

/** What became of one line. */
export interface ImportedLine {
  readonly id: string;
  readonly result: 'created' | 'updated' | 'unchanged';
  /** More that the answer of the single operation has, such as a secret that is shown once. */
  readonly more?: object;
}

/** Does with one object what the single operation does, or only says what it would do. */
export type ImportOne = (fields: Record<string, unknown>) => Promise<ImportedLine>;

/** One of these exports or imports. */
export interface BulkRequest {
  /** What it is of, for the audit log. */
  readonly what: 'users' | 'apps';
  readonly actor: AdminActor;
  readonly request: Request;
  readonly response: Response;
}

type Counts = Record<ImportedLine['result'] | 'failed', number>;

/** Many things in one request, each a line: streamed both ways, in little memory, for as long as somebody is there. */
@Injectable()
export class Bulk {
  constructor(
    private readonly audit: AuditLog,
    private readonly log: ServerLog,
  ) {}

  /**
   * Sends what there is, page by page, while it is read.
   *
   * @param details what of it is shown, for the audit log
   */
  async export(bulk: BulkRequest, pages: AsyncIterable<readonly object[]>, details: object): Promise<void> {
    const { what, actor, request, response } = bulk;
    // Before the first line: who reads them and pulls the plug has read them all the same.
    this.audit.record('bulk.export_started', actor, { what, ...details });
    const lines = new LineWriter(request, response);
    let items = 0;
    try {
      for await (const page of pages) {
        if (lines.isGone) break;
        await lines.write(...page);
        items += page.length;
      }
      this.audit.record('bulk.exported', actor, { what, items, complete: !lines.isGone });
      lines.end();
    } catch (error) {
      this.failed(bulk, lines, error);
    }
  }

  /**
   * Does one line after the other; each is done or not by itself, and answered with a line. The last line of the answer
   * counts them: without it, it was broken off.
   *
   * @param dryRun for the audit log; `one` writes nothing then
   */
  async import(bulk: BulkRequest, one: ImportOne, dryRun: boolean): Promise<void> {
    const { what, actor, request, response } = bulk;
    requireNdjson(request);
    this.audit.record('bulk.import_started', actor, { what, dryRun });
    const lines = new LineWriter(request, response);
    const counts: Counts = { created: 0, updated: 0, unchanged: 0, failed: 0 };
    try {
      for await (const line of linesOf(request)) {
        if (lines.isGone) break;
        const answer = await this.answered(line, one);
        counts[answer.result] += 1;
        await lines.write(answer);
      }
      this.audit.record('bulk.imported', actor, { what, dryRun, ...counts, complete: !lines.isGone });
      await lines.write({ done: true, dry_run: dryRun, ...counts });
      lines.end();
    } catch (error) {
      this.audit.record('bulk.imported', actor, { what, dryRun, ...counts, complete: false });
      this.failed(bulk, lines, error);
    }
  }

  private async answered({ number, bytes }: SentLine, one: ImportOne) {
    try {
      if (bytes === undefined) throw new Problem('body-too-large', 'The line is too long for one object.');
      const { more, ...imported } = await one(parseJsonObject(bytes) as Record<string, unknown>);
      return { line: number, ...imported, ...more };
    } catch (error) {
      if (!(error instanceof Problem)) return this.asFailure(number, error);
      const { status, detail, errors } = error;
      return { line: number, result: 'failed' as const, status, detail, ...(errors === undefined ? {} : { errors }) };
    }
  }

  /** What is wrong with the request is the line's own fault; what is wrong with the server ends it for all. */
  private asFailure(line: number, error: unknown) {
    const { status, code, description } = asOAuthError(error);
    if (status >= 500) throw error;
    return { line, result: 'failed' as const, status, detail: description ?? code };
  }

  private failed({ request }: BulkRequest, lines: LineWriter, error: unknown): void {
    if (!lines.isGone)
      this.log.failure({ kind: 'bulk', path: request.path, err: error }, 'a bulk request was broken off');
    lines.breakOff();
  }
}
