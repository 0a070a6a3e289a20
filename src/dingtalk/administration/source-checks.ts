import { Injectable } from '@nestjs/common';
import type { DingTalkClient, Patience, VisibleRange } from '../api/dingtalk-client.js';
import { DingTalkClients } from '../api/dingtalk-clients.js';
import { DingTalkError, type DingTalkFault } from '../api/dingtalk-error.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import type { IdentitySource } from '../source/identity-source.js';
import { bad, findingOf, good, missingField, WORDS } from './check-findings.js';
import { neededPermissions, type Permission } from './permissions.js';
import { CHECKS, type CheckName, type Finding, type SourceCheck } from './source-check.dto.js';

/** Milliseconds for all of it. */
const TIMEOUT_MS = 10_000;
/** Milliseconds for one of the calls: a sign-in takes five of them, one after the other, and has five seconds. */
const SLOW_MS = 1_000;

/** A code that nobody was ever given: whoever may redeem codes is told that it is none. */
const NONSENSE = 'clinch-check';
const ROOT = 1;

/** One call that is tried. */
interface Probe {
  readonly check: CheckName;
  readonly permission?: string;
  /** The failures that say that the call itself was allowed. */
  readonly fine?: readonly DingTalkFault[];
  readonly run: () => Promise<unknown>;
}

/** Tries a source by real calls. */
@Injectable()
export class SourceChecks {
  constructor(private readonly clients: DingTalkClients) {}

  /** What works and what does not. Never throws for what DingTalk does. */
  async check(source: IdentitySource): Promise<SourceCheck> {
    const trial = new Trial(source, this.clients.apart(source));
    const startedAt = performance.now();
    const findings = await trial.findings();
    const milliseconds = Math.round(performance.now() - startedAt);
    return { ok: findings.every(({ ok }) => ok), milliseconds, findings };
  }
}

class Trial {
  private readonly patience: Patience = { retries: 0, signal: AbortSignal.timeout(TIMEOUT_MS) };
  private readonly permissions: ReadonlyMap<string, Permission>;
  private people: readonly OrganisationRecord[] = [];
  private slowest = 0;

  constructor(
    private readonly source: IdentitySource,
    private readonly client: DingTalkClient,
  ) {
    this.permissions = new Map(neededPermissions(source.settings).map((each) => [each.code, each]));
  }

  /** In the order of the checks, each once. */
  async findings(): Promise<Finding[]> {
    let range: VisibleRange | undefined;
    const first = await this.try({
      check: 'reachable',
      run: async () => {
        range = await this.client.visibleRange(this.patience);
      },
    });
    // Without a token, or with nobody there, nothing else can be tried.
    if (range === undefined) return inOrder([...before(first), first]);
    const tried = await Promise.all(this.probes(range).map((probe) => this.try(probe)));
    return inOrder([
      ...before(),
      this.rangeFinding(range),
      ...tried,
      ...this.fieldFindings(range),
      ...this.eventFindings(),
      this.slowest > SLOW_MS ? bad('time', WORDS.SLOW) : good('time'),
    ]);
  }

  private probes({ departments }: VisibleRange): Probe[] {
    const { client, patience } = this;
    const { browserSignIn, inAppSignIn, streamEvents } = this.source.settings;
    const department = departments[0] ?? ROOT;
    const hidden: readonly DingTalkFault[] = ['out_of_range', 'not_found'];
    const all: (Probe & { readonly needed?: boolean })[] = [
      { check: 'permission', permission: 'qyapi_get_member', fine: hidden, run: () => client.user(NONSENSE, patience) },
      {
        check: 'permission',
        permission: 'qyapi_get_department_list',
        fine: hidden,
        run: () => client.subDepartments(department, patience),
      },
      {
        check: 'permission',
        permission: 'qyapi_get_department_member',
        fine: hidden,
        run: async () => {
          this.people = (await client.departmentUsers(department, 0, patience)).users;
        },
      },
      {
        check: 'in_app_sign_in',
        needed: inAppSignIn,
        fine: ['bad_code'],
        run: () => client.userOfInAppCode(NONSENSE, patience),
      },
      {
        check: 'browser_sign_in',
        needed: browserSignIn,
        permission: 'open_app_api_base',
        fine: ['bad_code'],
        run: () => client.userToken(NONSENSE, patience),
      },
      {
        check: 'permission',
        needed: browserSignIn,
        permission: 'Contact.User.Read',
        fine: ['bad_code', 'not_found', 'refused', 'credentials'],
        run: () => client.askForAccount(patience),
      },
      { check: 'events', needed: streamEvents, run: () => client.openStream(patience) },
    ];
    return all.filter(({ needed = true }) => needed);
  }

  private async try({ check, permission, fine = [], run }: Probe): Promise<Finding> {
    const startedAt = performance.now();
    try {
      await run();
    } catch (error) {
      if (!(error instanceof DingTalkError)) throw error;
      if (!fine.includes(error.fault)) return findingOf(check, error, permission);
    } finally {
      this.slowest = Math.max(this.slowest, performance.now() - startedAt);
    }
    return good(check, permission === undefined ? undefined : this.permissions.get(permission));
  }

  private rangeFinding({ departments }: VisibleRange): Finding {
    return departments.includes(ROOT) ? good('range') : bad('range', WORDS.RANGE);
  }

  /** A field may be read when DingTalk says so, or when anybody has it. */
  private fieldFindings({ userFields }: VisibleRange): Finding[] {
    const fieldsOf: Readonly<Record<string, readonly (keyof OrganisationRecord)[]>> = {
      fieldMobile: ['mobile'],
      fieldEmail: ['email', 'org_email', 'work_place', 'remark', 'extension'],
    };
    return Object.entries(fieldsOf).flatMap(([code, fields]) => {
      const permission = this.permissions.get(code);
      if (permission === undefined) return [];
      const isRead = fields.some((field) => userFields.includes(field) || this.people.some((each) => field in each));
      return [isRead ? good('permission', permission) : missingField(permission)];
    });
  }

  /** Whether anything comes is not known here: that DingTalk calls is what the console tries when it is set up. */
  private eventFindings(): Finding[] {
    const { callbackEvents, streamEvents } = this.source.settings;
    if (!callbackEvents && !streamEvents) return [bad('events', WORDS.NO_EVENTS)];
    return callbackEvents ? [good('events')] : [];
  }
}

/** What must have gone well before that could be found, or at all. */
function before(first?: Finding): Finding[] {
  const all = ['reachable', 'credentials', 'address'] as const;
  const last = first === undefined ? all.length : CHECKS.indexOf(first.check);
  return all.slice(0, last).map((check) => good(check));
}

/** Where one cause shows in several calls it is told once; that it is bad stands above that it is good. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const keyOf = ({ check, permission = '' }: Finding) => `${check} ${permission}`;
  const byKey = new Map<string, Finding>();
  for (const finding of findings) {
    if (byKey.get(keyOf(finding))?.ok !== false) byKey.set(keyOf(finding), finding);
  }
  return [...byKey.values()].toSorted((one, other) => CHECKS.indexOf(one.check) - CHECKS.indexOf(other.check));
}
