import { Injectable } from '@nestjs/common';
import { MembershipStore } from '../../directory/membership-store.js';
import { RoleStore } from '../../directory/role-store.js';
import { People } from '../people/people.js';
import { storedRecord } from '../people/stored-record.js';
import { confirm } from './confirmation.js';
import { Findings } from './findings.js';
import { inParallel } from './in-parallel.js';
import { KnownPeople, type KnownIdentity } from './known-people.js';
import { ApprovalNeeded, type RunContext } from './run-context.js';
import { Staging } from './staging.js';

/** People who are asked for one by one, at the same time. */
const AT_ONCE = 25;

/** People who are here and, as it seems, not in the organisation any more. */
@Injectable()
export class DepartedPeople {
  constructor(
    private readonly people: People,
    private readonly known: KnownPeople,
    private readonly memberships: MembershipStore,
    private readonly roles: RoleStore,
    private readonly staging: Staging,
    private readonly findings: Findings,
  ) {}

  /**
   * Counts them, and writes them down as differences.
   *
   * @param untold our ids of departments of whose members nothing is known: nobody from there is counted
   * @returns why an operator has to be asked before they are disabled; undefined if nobody has to be
   */
  async inspect(context: RunContext, untold: ReadonlySet<string>): Promise<string | undefined> {
    const { run, source, progress } = context;
    progress.people_present = await this.known.countPresent(source);
    progress.people_gone = 0;
    for await (const { reason, people } of this.gone(context, untold)) {
      progress.people_gone += people.length;
      const found = people.map(({ userid, record }) => ({
        kind: 'person_gone' as const,
        key: userid,
        name: storedRecord(record)?.name ?? '',
        changes: [{ field: 'status', before: 'active', after: reason }],
      }));
      progress.differences += await this.findings.differ(run.id, found);
    }
    return whyToAsk(context, progress.people_gone);
  }

  /**
   * Disables those of whom DingTalk says so when it is asked for each of them.
   *
   * @throws {ApprovalNeeded} when they become more than the limit allows
   */
  async send(context: RunContext, untold: ReadonlySet<string>): Promise<void> {
    for await (const { people } of this.gone(context, untold)) {
      await inParallel(people, AT_ONCE, async ({ userid, accountId }) => {
        const readAt = new Date();
        const found = await confirm(context, this.findings, userid);
        if (found === 'unknown') return;
        if (found === 'gone') await this.disable(context, userid, accountId);
        // In no list that could be read, and there all the same; or somebody else has the user id now.
        else await this.people.admit(context.source, found, context.by, readAt);
      });
    }
  }

  /** Disables one person, and takes their places and roles. @throws {ApprovalNeeded} */
  async disable(context: RunContext, userid: string, accountId: string | undefined): Promise<void> {
    const { source, progress, by } = context;
    const why = whyToAsk(context, progress.people_disabled + 1);
    if (why !== undefined) throw new ApprovalNeeded(why);
    progress.people_disabled += 1;
    if (!(await this.people.depart(source, userid, by))) progress.people_disabled -= 1;
    if (accountId === undefined) return;
    await this.memberships.put(source.id, new Map([[accountId, []]]));
    await this.roles.putRolesOf(source.id, accountId, new Set());
  }

  private async *gone(
    context: RunContext,
    untold: ReadonlySet<string>,
  ): AsyncGenerator<{ readonly reason: 'left' | 'disabled'; readonly people: readonly KnownIdentity[] }> {
    const { run, source } = context;
    const off = await this.staging.disabledPeople(run.id);
    const identities = await this.known.byUnionIds(
      source,
      off.map(({ record }) => record),
    );
    const disabled = [...identities.values()].filter(({ isPresent }) => isPresent);
    if (disabled.length > 0) yield { reason: 'disabled', people: disabled };
    for await (const part of this.known.missingFrom(source, run.id)) {
      const told = await this.withoutUntold(context, part, untold);
      if (told.length > 0) yield { reason: 'left', people: told };
    }
  }

  /** Who was in a department that could not be read may still be there; and of whom no place is known, anywhere. */
  private async withoutUntold(
    { source }: RunContext,
    part: readonly KnownIdentity[],
    untold: ReadonlySet<string>,
  ): Promise<KnownIdentity[]> {
    if (untold.size === 0) return [...part];
    const places = await this.memberships.placesOf(
      source.id,
      part.map(({ accountId }) => accountId),
    );
    return part.filter(({ accountId }) => {
      const own = places.get(accountId) ?? [];
      return own.length > 0 && own.every(({ departmentId }) => !untold.has(departmentId));
    });
  }
}

/** The safety: lists that come empty, or half, are a fault more often than a company that closes. */
export function whyToAsk({ run, source, progress }: RunContext, gone: number): string | undefined {
  if (run.approved || gone === 0) return undefined;
  const { people_present: present, people_read: read } = progress;
  const limit = source.settings.syncDisableLimit;
  if (read === 0) return `DingTalk's lists are empty: ${gone} of ${present} people would be disabled.`;
  if (gone * 100 <= limit * present) return undefined;
  return `${gone} of ${present} people would be disabled, which is more than ${limit} %.`;
}
