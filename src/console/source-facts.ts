import { Injectable } from '@nestjs/common';
import { AdminValidation } from '../admin/admin-validation.js';
import { Problem, type FieldProblem } from '../admin/problem.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { IdentitySourceChanges, NewIdentitySource } from '../dingtalk/administration/identity-source.dto.js';
import { SourceAdministration } from '../dingtalk/administration/source-administration.js';
import { setupOf } from '../dingtalk/administration/source-setup.js';
import { toAnswer } from '../dingtalk/administration/source-wire.js';
import { SyncRunStore } from '../dingtalk/directory/sync-run-store.js';
import { EventLog } from '../dingtalk/events/event-log.js';
import type { IdentitySource } from '../dingtalk/source/identity-source.js';
import { IdentitySources } from '../dingtalk/source/identity-sources.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { consoleError } from './console-error.js';
import type { ListedSource } from './sources.page.js';
import type { SourcePageProps } from './source.page.js';

/** More sources than anybody has organisations. */
const MOST_SOURCES = 200;
const SHOWN_RUNS = 8;
const SHOWN_EVENTS = 8;

/** What the pages about a source show, gathered from the rooms that know it. */
@Injectable()
export class SourceFacts {
  private readonly validation = new AdminValidation();

  constructor(
    private readonly administration: SourceAdministration,
    private readonly sources: IdentitySources,
    private readonly runs: SyncRunStore,
    private readonly events: EventLog,
    private readonly config: ClinchConfig,
  ) {}

  async listed(): Promise<ListedSource[]> {
    const rows = await this.administration.list({ limit: MOST_SOURCES, after: undefined });
    return Promise.all(
      rows.map(async ({ id, name, corpId, enabled, callbackEvents, streamEvents }) => {
        const [run] = await this.runs.list(id, { limit: 1, after: undefined });
        const channels = [...(streamEvents ? ['Stream'] : []), ...(callbackEvents ? ['HTTP'] : [])];
        const lastRun = run === undefined ? undefined : { id: run.id, state: run.state, at: run.createdAt };
        return { id, name, corpId, enabled, channels, lastRun };
      }),
    );
  }

  /** @throws {PageError} not_found */
  async of(id: string): Promise<Pick<SourcePageProps, 'source' | 'setup' | 'runs' | 'events'>> {
    const row = await this.administration.find(id).catch((error: unknown) => {
      throw consoleError(error);
    });
    const [runs, events] = await Promise.all([
      this.runs.list(id, { limit: SHOWN_RUNS, after: undefined }),
      this.events.list(id, { limit: SHOWN_EVENTS, after: undefined }, {}),
    ]);
    return {
      source: toAnswer(row),
      setup: setupOf(row, this.config),
      runs: runs.slice(0, SHOWN_RUNS),
      events: events.slice(0, SHOWN_EVENTS),
    };
  }

  /** @throws {PageError} not_found */
  async source(id: string): Promise<IdentitySource> {
    await this.of(id);
    const source = await this.sources.find(id);
    if (source === undefined) throw consoleError(Problem.notFound('identity source'));
    return source;
  }

  /** What a form says, under the same rules as the admin API's bodies. @throws {Problem} */
  async readNew(values: Form): Promise<NewIdentitySource> {
    return this.read(values, NewIdentitySource);
  }

  /** @throws {Problem} */
  async readChanges(values: Form): Promise<IdentitySourceChanges> {
    return this.read(values, IdentitySourceChanges);
  }

  /** Why it was refused, to be said beside the fields. What is no refusal is thrown on. */
  faultOf(error: unknown): { problems: readonly FieldProblem[]; fault: string | undefined; status: number } {
    if (error instanceof Problem) {
      const problems = error.errors ?? [];
      return { problems, fault: problems.length === 0 ? error.detail : said(problems), status: error.status };
    }
    if (error instanceof OAuthError && error.status === 403) {
      return { problems: [], fault: error.message, status: 403 };
    }
    throw error;
  }

  private async read<Body extends object>(values: Form, metatype: new () => Body): Promise<Body> {
    const body = await this.validation.transform({ ...values }, { type: 'body', metatype });
    if (!(body instanceof metatype)) throw new Error('the form was not read');
    return body;
  }
}

type Form = Readonly<Record<string, unknown>>;

/** Fields that the form does not show are said above it. */
function said(problems: readonly FieldProblem[]): string {
  return problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
}
