import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { DataSource } from 'typeorm';
import { Company } from '../../src/dingtalk-simulator/company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { Directory } from '../../src/directory/directory.js';
import type { IdentitySource } from '../../src/dingtalk/source/identity-source.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import { AdminApi, type AdminAnswer, type Json } from './admin-api.js';
import { anIdentitySource, type SourceOfTest } from './identity-source.js';
import type { TestClinch } from './start-clinch.js';
import { startDingTalk } from './start-dingtalk.js';

const SILENT = { silent: true } as const;

let sources = 0;

/** A source of a running server, the simulated DingTalk behind it, and the admin API to steer its syncs. */
export interface SyncedSource {
  readonly dingtalk: DingTalkSimulator;
  readonly company: Company;
  readonly source: IdentitySource;
  readonly syncs: Syncs;
  readonly admin: AdminApi;
}

/**
 * A small organisation: Acme (1) → Research (100) → Optics (110), Sales (200). Three people in each, called by their
 * department: a100, b100, c100. a100 leads Research; a110 is in Sales too.
 */
export function smallCompany(corpId: string): Company {
  const company = new Company(corpId, 'Acme');
  company.createDepartment({ id: 100, name: 'Research', parentId: 1, order: 1, managers: ['a100'] }, SILENT);
  company.createDepartment({ id: 110, name: '光学', parentId: 100, order: 2 }, SILENT);
  company.createDepartment({ id: 200, name: 'Sales', parentId: 1, order: 3 }, SILENT);
  for (const deptId of [1, 100, 110, 200]) {
    for (const letter of ['a', 'b', 'c']) {
      const userid = `${letter}${deptId}`;
      const deptIds = userid === 'a110' ? [110, 200] : [deptId];
      company.join(
        { userid, name: `员工 ${userid}`, title: '工程师', deptIds, orgEmail: `${userid}@corp.example` },
        SILENT,
      );
    }
  }
  company.roles.addGroup({ id: 900, name: '默认' });
  company.roles.put({ id: 901, name: '主管', groupId: 900 });
  company.roles.give(901, 'a100');
  return company;
}

/** Starts a simulated DingTalk for a source of its own. The caller stops it. */
export async function aSyncedSource(
  clinch: TestClinch,
  { company, ...settings }: SourceOfTest & { readonly company?: Company } = {},
): Promise<SyncedSource> {
  const id = `acme-${sources++}`;
  const own = company ?? smallCompany(`dingcorp-${id}`);
  const dingtalk = await startDingTalk({ company: own });
  await anIdentitySource(clinch, {
    id,
    corpId: own.corpId,
    clientId: dingtalk.app.clientId,
    secret: dingtalk.app.clientSecret,
    loginBaseUrl: dingtalk.bases.login,
    apiBaseUrl: dingtalk.bases.api,
    oapiBaseUrl: dingtalk.bases.oapi,
    syncDetails: 'none',
    ...settings,
  });
  const source = await clinch.app.get(IdentitySources).find(id);
  if (source === undefined) throw new Error('the source is not there');
  const admin = await AdminApi.of(clinch);
  return { dingtalk, company: own, source, syncs: new Syncs(admin, id), admin };
}

const ENDED = new Set(['done', 'failed', 'cancelled', 'waiting_for_approval']);

/** The syncs of a source, as an operator's script steers them. */
export class Syncs {
  constructor(
    private readonly admin: AdminApi,
    private readonly sourceId: string,
  ) {}

  /** @param path below `sync-runs` */
  call(method: string, path = '', body?: object): Promise<AdminAnswer> {
    return this.admin.call(method, `identity-sources/${this.sourceId}/sync-runs${path}`, body);
  }

  async start(body: object = {}): Promise<string> {
    const answer = await this.call('POST', '', body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    return String(answer.body['id']);
  }

  /** Starts one and waits until it has ended, or waits for somebody. */
  async run(body: object = {}): Promise<SyncResult> {
    return this.ended(await this.start(body));
  }

  async read(id: string): Promise<SyncResult> {
    return (await this.call('GET', `/${id}`)).body as unknown as SyncResult;
  }

  async ended(id: string): Promise<SyncResult> {
    return this.until(id, ({ state }) => ENDED.has(state));
  }

  async until(id: string, isSo: (run: SyncResult) => boolean): Promise<SyncResult> {
    const deadline = Date.now() + 25_000;
    for (;;) {
      const run = await this.read(id);
      if (isSo(run)) return run;
      if (Date.now() > deadline) throw new Error(`the sync is still ${JSON.stringify(run)}`);
      await delay(25);
    }
  }

  /** Approves, cancels or applies a run. */
  async tell(id: string, word: 'approve' | 'cancel' | 'apply'): Promise<SyncResult> {
    const answer = await this.call('POST', `/${id}/${word}`);
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    return word === 'cancel' ? this.read(id) : this.ended(id);
  }

  /** As `kind key`. */
  async differences(id: string): Promise<string[]> {
    const { body } = await this.call('GET', `/${id}/differences?limit=200`);
    return (body['items'] as Json[]).map(({ kind, key }) => `${String(kind)} ${String(key)}`).toSorted();
  }

  async errors(id: string): Promise<string[]> {
    const { body } = await this.call('GET', `/${id}/errors?limit=200`);
    return (body['items'] as Json[]).map(({ kind, key }) => `${String(kind)} ${String(key)}`).toSorted();
  }
}

export interface SyncResult {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly error: string | null;
  readonly next_attempt_at: string | null;
  readonly progress: Readonly<Record<string, number>>;
}

interface KnownRow {
  user_id: string;
  account_id: string;
  status: string;
}

/** What is known here of a source's people. */
export class KnownHere {
  constructor(
    private readonly clinch: TestClinch,
    private readonly sourceId: string,
  ) {}

  private rows(): Promise<KnownRow[]> {
    return this.clinch.app.get(DataSource).query(
      `SELECT i.user_id, i.account_id, a.status FROM federated_identities i JOIN accounts a ON a.id = i.account_id
         WHERE i.source_id = '${this.sourceId}'`,
    );
  }

  /** User ids of those whose account has that status. */
  async people(status: 'active' | 'disabled' = 'active'): Promise<string[]> {
    return (await this.rows())
      .filter((row) => row.status === status)
      .map((row) => row.user_id)
      .toSorted();
  }

  async accountOf(userid: string): Promise<string> {
    const row = (await this.rows()).find((each) => each.user_id === userid);
    if (row === undefined) throw new Error(`${userid} is not known here`);
    return row.account_id;
  }

  /** Paths of the departments of a person. */
  async departmentsOf(userid: string): Promise<string[]> {
    const places = await this.clinch.app.get(Directory).departmentsOf(await this.accountOf(userid));
    return places.map(({ path }) => path.map(({ name }) => name).join('/')).toSorted();
  }

  async rolesOf(userid: string): Promise<string[]> {
    const roles = await this.clinch.app.get(Directory).rolesOf(await this.accountOf(userid));
    return roles.map(({ name }) => name);
  }

  /** Of every row that says something about people and departments: whoever writes one, even to the same, is seen. */
  async fingerprint(): Promise<string> {
    return fingerprintOf(this.clinch.app.get(DataSource));
  }
}

const TABLES = [
  ['accounts', 'id'],
  ['federated_identities', 'id'],
  ['departments', 'id'],
  ['department_ancestors', 'department_id, ancestor_id'],
  ['department_members', 'department_id, account_id'],
  ['directory_roles', 'id'],
  ['directory_role_members', 'role_id, account_id'],
] as const;

async function fingerprintOf(dataSource: DataSource): Promise<string> {
  const hash = createHash('sha256');
  for (const [table, key] of TABLES) {
    hash.update(JSON.stringify(await dataSource.query(`SELECT * FROM ${table} ORDER BY ${key}`)));
  }
  return hash.digest('base64url');
}
