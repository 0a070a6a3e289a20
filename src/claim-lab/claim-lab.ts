import { Injectable } from '@nestjs/common';
import { AccountStore, type Account } from '../accounts/account-store.js';
import { maskEmail, maskPhoneNumber } from '../accounts/masking.js';
import { PersonalData } from '../accounts/personal-data.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { neededScope } from '../admin/admin-scope.js';
import { Administrators } from '../admin/administrators.js';
import { Problem } from '../admin/problem.js';
import { AppAdministration } from '../app-registry/app-administration.js';
import { AppJudge } from '../app-registry/app-judge.js';
import { withFields } from '../app-registry/app-wire.js';
import type { AppChanges } from '../app-registry/app.dto.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { claimDifference } from './claim-difference.js';
import type { ClaimLabAnswer, ClaimLabRequest, LabResult } from './claim-lab.dto.js';
import { LabRun, type ImaginedSignIn } from './lab-run.js';

/** Whoever looks here sees people. */
const USERS_RIGHT = neededScope('users', 'GET');
/** What apps hold of people that is masked without a right of its own. */
const MASKS: Readonly<Record<string, (value: string) => string>> = {
  email: maskEmail,
  phone_number: maskPhoneNumber,
};

/**
 * Shows what an app would be told of a person, now and as somebody would like to have it. Nothing is issued or stored:
 * no code, no token, no subject, no choice.
 */
@Injectable()
export class ClaimLab {
  constructor(
    private readonly apps: AppAdministration,
    private readonly judge: AppJudge,
    private readonly accounts: AccountStore,
    private readonly personalData: PersonalData,
    private readonly administrators: Administrators,
    private readonly run: LabRun,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @throws {AdminScopeError} 403 without the right to read people
   * @throws {Problem} not-found; with the fields of a request or draft that is not acceptable
   */
  async look(clientId: string, request: ClaimLabRequest, actor: AdminActor): Promise<ClaimLabAnswer> {
    await this.administrators.require(actor, USERS_RIGHT);
    const app = await this.apps.find(clientId);
    const found = await this.personOf(request);
    const seesAll = await this.personalData.mayRead(actor);
    const drafted = request.draft && (await this.draft(app, request.draft, actor));
    const signIn = signInOf(request, seesAll ? found : masked(found), actor);
    const now = await this.resultOf(app, signIn);
    const draft = drafted ? await this.resultOf(drafted, signIn) : null;
    this.note(actor, found, clientId, seesAll);
    if (!seesAll) for (const result of [now, draft]) result?.warnings.push(MASKED);
    return Object.assign(now, { draft, difference: draft && claimDifference(now, draft) });
  }

  private async personOf({ user }: Partial<ClaimLabRequest>): Promise<Account> {
    const found = user === undefined ? undefined : await this.accounts.find(user);
    if (found !== undefined) return found;
    const problem = user === undefined ? 'is required' : 'is nobody of that id';
    throw Problem.ofFields([{ field: 'user', problem }]);
  }

  /** The app as it would be, if it could be saved. */
  private async draft(app: ClientEntity, fields: AppChanges, actor: AdminActor): Promise<ClientEntity> {
    const drafted = withFields(app, fields);
    const renamed = fields.client_id !== undefined && fields.client_id !== app.clientId;
    const idFault = renamed ? 'cannot be changed' : undefined;
    const errors = await this.judge.problems(drafted, fields, { old: app, actor, idFault });
    if (errors.length === 0) return drafted;
    throw Problem.ofFields(errors.map(({ field, problem }) => ({ field: `draft.${field}`, problem })));
  }

  private async resultOf(app: ClientEntity, signIn: ImaginedSignIn): Promise<LabResult> {
    try {
      return await this.run.of(new Client(app, []), signIn);
    } catch (error) {
      if (!(error instanceof OAuthError) || error.code !== 'invalid_target') throw error;
      throw Problem.ofFields([{ field: 'resource', problem: 'is no API that this app may use' }]);
    }
  }

  private note(actor: AdminActor, { id, claims }: Account, app: string, seesAll: boolean): void {
    this.audit.record('claims.previewed', actor, { app, account: id });
    const fields = Object.keys(MASKS).filter((name) => claims[name] !== undefined);
    if (seesAll) this.personalData.noteReading(actor, id, fields);
  }
}

const MASKED =
  'e-mail and phone are masked, also for expressions: this access token is without clinch:personal-data:read';

function signInOf(request: ClaimLabRequest, account: Account, actor: AdminActor): ImaginedSignIn {
  const { grant, scope, resource, amr, auth_time: authTime, app_account: appAccountId } = request;
  return {
    account,
    grant: grant ?? 'authorization_code',
    scope: scope ?? 'openid',
    resource: resource ?? undefined,
    authTime: authTime == null ? new Date() : new Date(authTime),
    amr: amr ?? ['pwd'],
    appAccountId: appAccountId ?? undefined,
    address: actor.address,
  };
}

/**
 * The person as somebody without the right to personal data may see them. Expressions see no more: by their values, and
 * by whether they have one, everything could be asked.
 */
function masked(account: Account): Account {
  const claims = Object.entries(account.claims).map(([name, value]): [string, unknown] => {
    const mask = MASKS[name];
    return [name, mask !== undefined && typeof value === 'string' ? mask(value) : value];
  });
  return { ...account, claims: Object.fromEntries(claims) };
}
