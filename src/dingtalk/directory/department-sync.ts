import { Injectable } from '@nestjs/common';
import { DepartmentStore } from '../../directory/department-store.js';
import { compareDepartments, type DepartmentComparison } from './department-comparison.js';
import { Findings } from './findings.js';
import { KnownPeople } from './known-people.js';
import type { PlaceMap } from './people-application.js';
import type { RunContext } from './run-context.js';
import { Staging } from './staging.js';

/** Departments as a run has fetched them. */
@Injectable()
export class DepartmentSync {
  constructor(
    private readonly staging: Staging,
    private readonly store: DepartmentStore,
    private readonly known: KnownPeople,
    private readonly findings: Findings,
  ) {}

  /** Writes down how they differ from what is here. */
  async inspect(context: RunContext): Promise<void> {
    const { run, progress } = context;
    const { differences } = await this.compare(context);
    progress.differences += await this.findings.differ(run.id, differences);
  }

  /** The tree first: people are put into it. */
  async applyTree(context: RunContext): Promise<void> {
    const { put } = await this.compare(context);
    await this.store.put(context.source.id, put);
  }

  /** What has to come after the people: managers are some of them, and people move out of what is removed. */
  async applyRest(context: RunContext): Promise<void> {
    const { run, source } = context;
    const stored = await this.store.ofSource(source.id);
    const described = (await this.staging.departments(run.id)).flatMap(({ id, managers }) => {
      const own = stored.get(String(id));
      return own === undefined || managers === undefined ? [] : [{ id: own.id, managers }];
    });
    const accounts = await this.known.accountsOf(source, [...new Set(described.flatMap(({ managers }) => managers))]);
    const managers = described.map(
      ({ id, managers: userids }) => [id, userids.flatMap((userid) => accounts.get(userid) ?? [])] as const,
    );
    await this.store.putManagers(source.id, new Map(managers));
    await this.store.removeAll(source.id, (await this.compare(context)).gone);
  }

  /** For the places of people. Before the tree is applied, a new department stands for itself. */
  async places(context: RunContext): Promise<PlaceMap> {
    const { run, source } = context;
    const { untold } = await this.compare(context);
    const stored = await this.store.ofSource(source.id);
    const idOf = new Map<string, string>();
    const nameOf = new Map<string, string>();
    for (const { id, externalId, name, removed } of stored.values()) {
      if (!removed) idOf.set(externalId, id);
      nameOf.set(id, name);
    }
    for (const { id, name } of await this.staging.departments(run.id)) {
      const externalId = String(id);
      if (!idOf.has(externalId)) idOf.set(externalId, `new ${externalId}`);
      nameOf.set(idOf.get(externalId) ?? '', name);
    }
    return { idOf, nameOf, untold: new Set([...untold].flatMap((externalId) => idOf.get(externalId) ?? [])) };
  }

  private async compare({ run, source }: RunContext): Promise<DepartmentComparison> {
    const [staged, stored] = await Promise.all([this.staging.departments(run.id), this.store.ofSource(source.id)]);
    return compareDepartments(staged, stored);
  }
}
