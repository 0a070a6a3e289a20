import { Injectable } from '@nestjs/common';
import { DepartedPeople } from './departed-people.js';
import { DepartmentSync } from './department-sync.js';
import { DirectoryWalk } from './directory-walk.js';
import { PeopleApplication } from './people-application.js';
import { PersonDetails } from './person-details.js';
import { RoleSync } from './role-sync.js';
import { ApprovalNeeded, type RunContext } from './run-context.js';
import { Staging } from './staging.js';
import { SyncRunStore } from './sync-run-store.js';

/** The parts of a run, each of which may be begun again after a crash. */
@Injectable()
export class RunPhases {
  constructor(
    private readonly walk: DirectoryWalk,
    private readonly departments: DepartmentSync,
    private readonly people: PeopleApplication,
    private readonly departed: DepartedPeople,
    private readonly roles: RoleSync,
    private readonly details: PersonDetails,
    private readonly staging: Staging,
    private readonly runs: SyncRunStore,
  ) {}

  /** @throws {DingTalkError} @throws {RunFailure} */
  async fetch(context: RunContext): Promise<void> {
    await this.walk.fetch(context);
  }

  /**
   * Writes down what differs. In a full run, who is new and what changed in people was written down while they were
   * fetched.
   *
   * @throws {ApprovalNeeded} in a full run, when too many people would be disabled
   */
  async compare(context: RunContext): Promise<void> {
    const { run, progress } = context;
    progress.people_read = await this.staging.countPeople(run.id);
    await this.departments.inspect(context);
    const places = await this.departments.places(context);
    const why = await this.departed.inspect(context, places.untold);
    if (why !== undefined && run.kind === 'full') throw new ApprovalNeeded(why);
    if (run.kind === 'dry') {
      for await (const part of this.everybody(context)) await this.people.inspect(context, part, places);
    }
    await this.roles.inspect(context);
  }

  /** @throws {ApprovalNeeded} when too many people would be disabled */
  async apply(context: RunContext): Promise<void> {
    const { run, source } = context;
    await this.departments.applyTree(context);
    const places = await this.departments.places(context);
    const why = await this.departed.inspect(context, places.untold);
    if (why !== undefined) throw new ApprovalNeeded(why);
    const version = await this.runs.versionApplied(source.id, run.id);
    const isRemapped = version !== undefined && version !== run.sourceVersion;
    for await (const part of this.everybody(context, run.appliedTo)) {
      await this.people.apply(context, part, places, isRemapped);
      await this.runs.appliedTo(run.id, context.node, part.at(-1)?.userid ?? '', context.progress);
    }
    await this.departed.send(context, places.untold);
    await this.departments.applyRest(context);
    await this.roles.apply(context);
  }

  /** @throws {DingTalkError} @throws {ApprovalNeeded} */
  async readDetails(context: RunContext): Promise<void> {
    await this.details.read(context);
  }

  private async *everybody(context: RunContext, after = '') {
    for (let last = after; ;) {
      context.signal.throwIfAborted();
      const part = await this.staging.people(context.run.id, last);
      const end = part.at(-1);
      if (end === undefined) return;
      yield part;
      last = end.userid;
    }
  }
}
