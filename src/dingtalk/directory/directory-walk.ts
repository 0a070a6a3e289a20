import { Injectable } from '@nestjs/common';
import { DingTalkError } from '../api/dingtalk-error.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import { withoutUnmappedPhones } from '../people/profile-mapping.js';
import { CallLanes, type Fetch } from './call-lanes.js';
import { Findings, type ErrorKind } from './findings.js';
import { PeopleApplication } from './people-application.js';
import { PeopleStream } from './people-stream.js';
import { RunFailure, type RunContext } from './run-context.js';
import { Staging, type StagedDepartment } from './staging.js';

/** People who were read one by one are on nobody's list. */
const NO_LIST = 0;

const NAMELESS = 'some rows of its list have no user id or no union id, and were skipped';

/** Calls to DingTalk are tried again by the client, this often. */
const RETRIES = 2;

/**
 * Reads an organisation's directory: from the departments that the app may see downwards, level by level; departments,
 * their descriptions and their people at the same time. What is read is kept, so that after a crash only the rest is.
 */
@Injectable()
export class DirectoryWalk {
  constructor(
    private readonly staging: Staging,
    private readonly findings: Findings,
    private readonly people: PeopleApplication,
  ) {}

  /**
   * @throws {DingTalkError} when DingTalk is away or lets nobody in
   * @throws {RunFailure} when nothing of the directory could be read
   */
  async fetch(context: RunContext): Promise<void> {
    const stream = new PeopleStream(async (records) => this.people.applyEarly(context, records));
    try {
      await new Walk(context, this.staging, this.findings, stream).fetch();
      await stream.finished();
    } finally {
      stream.end();
    }
  }
}

/** One walk through one directory. */
class Walk {
  private readonly lanes: CallLanes;
  private readonly known = new Set<number>();

  constructor(
    private readonly context: RunContext,
    private readonly staging: Staging,
    private readonly findings: Findings,
    private readonly stream: PeopleStream,
  ) {
    this.lanes = new CallLanes(context.signal);
  }

  async fetch(): Promise<void> {
    const { run, client, source } = this.context;
    const range = await client.visibleRange(this.patience);
    const starts = range.departments.filter((id) => id > 0);
    await this.staging.addDepartments(
      run.id,
      starts.map((id) => ({ id, name: String(id) })),
    );
    const departments = await this.staging.departments(run.id);
    this.context.progress.departments_read = departments.filter(({ members }) => members !== 'open').length;
    for (const department of departments) this.addDepartment(department);
    for (const userid of range.users) this.lanes.add('user', this.person(userid));
    if (source.settings.syncRoles) this.lanes.add('role', this.roles());
    await this.lanes.settled();
    await this.requireSomething(starts);
  }

  /** Of no department anything was read: that says nothing about who is in them. */
  private async requireSomething(starts: readonly number[]): Promise<void> {
    if (starts.length === 0) return;
    const departments = await this.staging.departments(this.context.run.id);
    if (departments.some(({ members, subtree }) => members === 'read' || subtree === 'read')) return;
    throw new RunFailure('None of the departments that the app may see could be read; see the errors of this run.');
  }

  private get patience() {
    return { signal: this.context.signal, retries: RETRIES };
  }

  private addDepartment(department: Pick<StagedDepartment, 'id' | 'managers' | 'subtree' | 'members'>): void {
    const { id, managers, subtree, members } = department;
    if (this.known.has(id)) return;
    this.known.add(id);
    this.context.progress.departments_known = this.known.size;
    if (subtree === 'open') this.lanes.add('listsub', this.subtree(id));
    if (managers === undefined) this.lanes.add('department', this.description(id));
    if (members === 'open') this.lanes.add('list', this.members(id));
  }

  private subtree(id: number): Fetch {
    const { run, client } = this.context;
    return {
      run: async () => {
        const children = await client.subDepartments(id, this.patience);
        await this.staging.addDepartments(run.id, children);
        await this.staging.markSubtree(run.id, id, 'read');
        for (const child of children) {
          this.addDepartment({ id: child.id, managers: undefined, subtree: 'open', members: 'open' });
        }
      },
      failed: async (error) => {
        if (error.fault === 'not_found') return this.staging.dropDepartment(run.id, id);
        await this.staging.markSubtree(run.id, id, 'failed');
        await this.note('department', String(id), error);
      },
    };
  }

  private description(id: number): Fetch {
    const { run, client } = this.context;
    return {
      run: async () => {
        const department = await client.department(id, this.patience);
        if (department !== undefined) await this.staging.describe(run.id, department);
      },
      failed: async (error) => this.note('department', String(id), error),
    };
  }

  private members(id: number): Fetch {
    const { run, client, progress } = this.context;
    return {
      run: async () => {
        for (let cursor: number | undefined = 0; cursor !== undefined;) {
          const page = await client.departmentUsers(id, cursor, this.patience);
          await this.keep(id, page.users);
          if (page.skipped > 0) await this.noteWords('department', String(id), NAMELESS);
          cursor = page.nextCursor;
        }
        await this.staging.markMembers(run.id, id, 'read');
        progress.departments_read += 1;
      },
      failed: async (error) => {
        if (error.fault === 'not_found') return this.staging.dropDepartment(run.id, id);
        await this.staging.markMembers(run.id, id, 'failed');
        await this.note('department', String(id), error);
      },
    };
  }

  private person(userid: string): Fetch {
    return {
      run: async () => {
        const record = await this.context.client.user(userid, this.patience);
        if (record !== undefined) await this.keep(NO_LIST, [record]);
      },
      failed: async (error) => this.note('person', userid, error),
    };
  }

  private roles(): Fetch {
    const { run, client, progress } = this.context;
    return {
      run: async () => {
        const roles = await unlessForbidden(client.roles(this.patience), (error) => this.note('role', 'list', error));
        if (roles === undefined) return;
        await this.staging.addRoles(run.id, roles);
        progress.roles_listed = true;
        for (const { id, members } of await this.staging.roles(run.id)) {
          if (members === undefined) this.lanes.add('role members', this.roleMembers(id));
        }
      },
      failed: async (error) => this.note('role', 'list', error),
    };
  }

  private roleMembers(id: number): Fetch {
    const { run, client, progress } = this.context;
    return {
      run: async () => {
        const userids: string[] = [];
        for (let offset: number | undefined = 0; offset !== undefined;) {
          const request = client.roleMembers(id, offset, this.patience);
          const page = await unlessForbidden(request, (error) => this.note('role', String(id), error));
          if (page === undefined) return;
          userids.push(...page.userids);
          offset = page.nextOffset;
        }
        await this.staging.putRoleMembers(run.id, id, userids);
        progress.roles_read += 1;
      },
      failed: async (error) => this.note('role', String(id), error),
    };
  }

  private async keep(departmentId: number, people: readonly OrganisationRecord[]): Promise<void> {
    const { run, source, progress } = this.context;
    for (const { userid, dropped = [] } of people) {
      if (dropped.length > 0) await this.noteWords('person', userid, `not usable: ${dropped.join(', ')}`);
    }
    // What would not be kept need not wait in a table either, unless somebody is to be found by it.
    const { matchBy } = source.settings;
    const staged = matchBy.includes('phone_number')
      ? people
      : people.map((person) => withoutUnmappedPhones(person, source.settings));
    await this.staging.addPeople(run.id, departmentId, staged);
    progress.people_read += people.length;
    await this.stream.offer(people);
  }

  private async note(kind: ErrorKind, key: string, error: DingTalkError): Promise<void> {
    await this.noteWords(kind, key, error.message);
  }

  private async noteWords(kind: ErrorKind, key: string, message: string): Promise<void> {
    const { run, progress } = this.context;
    progress.errors += await this.findings.fail(run.id, [{ kind, key, message }]);
  }
}

/** A right that only roles need: without it there are departments and people all the same. */
async function unlessForbidden<T>(
  answer: Promise<T>,
  note: (error: DingTalkError) => Promise<void>,
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof DingTalkError) || error.fault !== 'permission') throw error;
    await note(error);
    return undefined;
  }
}
