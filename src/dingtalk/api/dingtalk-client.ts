import type { IdentitySource } from '../source/identity-source.js';
import type { DingTalkCalls } from './dingtalk-calls.js';
import { DingTalkError } from './dingtalk-error.js';
import {
  readDepartment,
  readFailedEvent,
  readPageOfPeople,
  readRoles,
  resultOf,
  unusable,
  type FailedEvent,
  type PageOfPeople,
} from './directory-answers.js';
import type { Call } from './exchange.js';
import type { DepartmentRecord, OrganisationRecord, RoleRecord } from './organisation-record.js';
import { readPerson } from './person-record.js';
import { departmentIdOf, flagOf, idOf, listOf, numberOf, objectOf, textOf, type Json } from './values.js';
import type { Patience } from './waiting.js';

export type { FailedEvent } from './directory-answers.js';
export type { Patience } from './waiting.js';

/** The most that DingTalk puts on a page: of people and members of a role, and of roles. */
const PAGE = 100;
const PAGE_OF_ROLES = 200;
const MOST_PAGES_OF_ROLES = 500;

/** What the token of a person in the browser's flow tells. */
export interface UserToken {
  readonly accessToken: string;
  /** The organisation chosen, when the scope held `corpid`. */
  readonly corpId: string | undefined;
}

/** Who a code from inside DingTalk belongs to. */
export interface InAppUser {
  readonly userid: string;
  readonly unionid: string | undefined;
}

/** What the app may see. */
export interface VisibleRange {
  readonly departments: readonly number[];
  readonly users: readonly string[];
  /** Fields of people that the app may read. */
  readonly userFields: readonly string[];
}

/**
 * The calls to one organisation's DingTalk, each in its turn (20 a second of each kind), within five seconds, and within
 * the caller's own limit.
 *
 * Every method throws {@link DingTalkError}, and nothing else.
 */
export class DingTalkClient {
  constructor(
    readonly source: IdentitySource,
    private readonly calls: DingTalkCalls,
  ) {}

  /** What a code from the browser is worth. It is good once. */
  async userToken(code: string, patience?: Patience): Promise<UserToken> {
    const { clientId, clientSecret } = this.calls.credentialsOf(this.source);
    const path = '/v1.0/oauth2/userAccessToken';
    const body = { clientId, clientSecret, code, grantType: 'authorization_code' };
    const call: Call = { host: 'api', method: 'POST', path, body, token: 'none', secrets: [clientSecret, code] };
    const answer = await this.calls.send(this.source, call, patience);
    const accessToken = textOf(answer['accessToken']);
    if (accessToken === undefined || accessToken === '') throw unusable(path, 'the answer holds no token');
    const corpId = textOf(answer['corpId']);
    return { accessToken, corpId: corpId === '' ? undefined : corpId };
  }

  /** The union id behind a user token. @throws {DingTalkError} refused when the answer names none */
  async unionIdOf(userAccessToken: string, patience?: Patience): Promise<string> {
    const path = '/v1.0/contact/users/me';
    const call: Call = { host: 'api', method: 'GET', path, token: { ofPerson: userAccessToken } };
    const unionId = idOf((await this.calls.send(this.source, call, patience))['unionId']);
    if (unionId === undefined) throw unusable(path, 'the answer has no unionId');
    return unionId;
  }

  /**
   * Asks for the account behind a token as `unionIdOf` does, with the app's own token, which has none: whether the app
   * may ask at all shows in what kind of failure comes.
   */
  async askForAccount(patience?: Patience): Promise<void> {
    const call: Call = { host: 'api', method: 'GET', path: '/v1.0/contact/users/me', token: 'app' };
    await this.calls.send(this.source, call, patience);
  }

  /** @returns undefined when nobody of the organisation has that union id */
  async findByUnionId(
    unionId: string,
    patience?: Patience,
  ): Promise<{ readonly userid: string; readonly external: boolean } | undefined> {
    const path = '/topapi/user/getbyunionid';
    const result = await unlessNotFound(this.resultFrom(path, { unionid: unionId }, patience));
    if (result === undefined) return undefined;
    const userid = idOf(result['userid']);
    if (userid === undefined) throw unusable(path, 'the answer has no userid');
    // Whoever is not said to be one of them is treated as a stranger.
    return { userid, external: numberOf(result['contact_type']) !== 0 };
  }

  /** Whom a code from inside DingTalk belongs to. It is good once. */
  async userOfInAppCode(code: string, patience?: Patience): Promise<InAppUser> {
    const path = '/topapi/v2/user/getuserinfo';
    const result = await this.resultFrom(path, { code }, patience, [code]);
    const userid = idOf(result['userid']);
    if (userid === undefined) throw unusable(path, 'the answer has no userid');
    return { userid, unionid: idOf(result['unionid']) };
  }

  /**
   * The organisation's record of a person.
   *
   * @returns undefined when the organisation has nobody of that user id
   * @throws {DingTalkError} refused when the record does not say who it is about
   */
  async user(userid: string, patience?: Patience): Promise<OrganisationRecord | undefined> {
    const path = '/topapi/v2/user/get';
    const result = await unlessNotFound(this.resultFrom(path, { userid, language: 'zh_CN' }, patience));
    if (result === undefined) return undefined;
    const person = readPerson(result);
    if (person === undefined) throw unusable(path, 'the answer has no userid or no unionid');
    // No permission stands between the app and these two: left out, there is none.
    return { manager_userid: '', roles: [], ...person };
  }

  /**
   * The direct members of a department, page by page; the first cursor is 0. `skipped` counts rows without user id or
   * union id.
   *
   * @throws {DingTalkError} not_found for an id below 1, which DingTalk is not even asked for
   */
  async departmentUsers(departmentId: number, cursor: number, patience?: Patience): Promise<PageOfPeople> {
    const path = '/topapi/v2/user/list';
    requireDepartment(path, departmentId);
    const body = {
      dept_id: departmentId,
      cursor,
      size: PAGE,
      // Newcomers come last, so that nobody slips from one page to another while they are read.
      order_field: 'entry_asc',
      // Else people whose own sight is restricted are missing, as if they had left.
      contain_access_limit: true,
      language: 'zh_CN',
    };
    return readPageOfPeople(await this.oapi(path, body, patience), path, departmentId, cursor);
  }

  /**
   * One level down, each with name and parent, without order and managers.
   *
   * @throws {DingTalkError} not_found for an id below 1, which DingTalk is not even asked for
   */
  async subDepartments(departmentId: number, patience?: Patience): Promise<readonly DepartmentRecord[]> {
    const path = '/topapi/v2/department/listsub';
    requireDepartment(path, departmentId);
    const { result } = await this.oapi(path, { dept_id: departmentId, language: 'zh_CN' }, patience);
    if (result === undefined || result === null) throw unusable(path, 'the answer has no result');
    return (listOf(result) ?? []).flatMap((each) => readDepartment(each) ?? []);
  }

  /** @returns undefined when there is no such department */
  async department(departmentId: number, patience?: Patience): Promise<DepartmentRecord | undefined> {
    const path = '/topapi/v2/department/get';
    if (departmentIdOf(departmentId) === undefined) return undefined;
    const body = { dept_id: departmentId, language: 'zh_CN' };
    const result = await unlessNotFound(this.resultFrom(path, body, patience));
    if (result === undefined) return undefined;
    const department = readDepartment(result);
    if (department === undefined) throw unusable(path, 'the answer has no dept_id');
    return department;
  }

  /** All of them: pages of groups, read to the end. */
  async roles(patience?: Patience): Promise<readonly RoleRecord[]> {
    const path = '/topapi/role/list';
    const all: RoleRecord[] = [];
    for (let page = 0; page < MOST_PAGES_OF_ROLES; page += 1) {
      const result = await this.resultFrom(path, { size: PAGE_OF_ROLES, offset: page * PAGE_OF_ROLES }, patience);
      const { roles, groups } = readRoles(result);
      all.push(...roles);
      if (!moreFollow(result, path) || groups === 0) return all;
    }
    throw unusable(path, 'the list does not end');
  }

  /** The user ids of a role, page by page; the first offset is 0. */
  async roleMembers(
    roleId: number,
    offset: number,
    patience?: Patience,
  ): Promise<{ readonly userids: readonly string[]; readonly nextOffset: number | undefined }> {
    const path = '/topapi/role/simplelist';
    const result = await this.resultFrom(path, { role_id: roleId, size: PAGE, offset }, patience);
    const userids = (listOf(result['list']) ?? []).flatMap((each) => idOf(objectOf(each)?.['userid']) ?? []);
    if (!moreFollow(result, path)) return { userids, nextOffset: undefined };
    const nextOffset = numberOf(result['nextCursor']) ?? offset + PAGE;
    if (nextOffset <= offset) throw unusable(path, 'there is more, and the cursor does not lead on');
    return { userids, nextOffset };
  }

  /** What of the organisation the app may see. */
  async visibleRange(patience?: Patience): Promise<VisibleRange> {
    const call: Call = { host: 'oapi', method: 'GET', path: '/auth/scopes', token: 'app' };
    const answer = await this.calls.send(this.source, call, patience);
    const scopes = objectOf(answer['auth_org_scopes']);
    if (scopes === undefined) throw unusable(call.path, 'the answer has no auth_org_scopes');
    return {
      departments: (listOf(scopes['authed_dept']) ?? []).flatMap((id) => departmentIdOf(id) ?? []),
      users: (listOf(scopes['authed_user']) ?? []).flatMap((id) => idOf(id) ?? []),
      userFields: (listOf(answer['auth_user_field']) ?? []).flatMap((field) => textOf(field) ?? []),
    };
  }

  /** Events that could not be delivered; reading removes them at DingTalk. */
  async failedEvents(
    patience?: Patience,
  ): Promise<{ readonly events: readonly FailedEvent[]; readonly more: boolean }> {
    const path = '/call_back/get_call_back_failed_result';
    const call: Call = { host: 'oapi', method: 'GET', path, token: 'app' };
    const answer = await this.calls.send(this.source, call, patience);
    const events = (listOf(answer['failed_list']) ?? []).flatMap((each) => readFailedEvent(each) ?? []);
    return { events, more: flagOf(answer['has_more']) === true };
  }

  /** A place to connect a WebSocket to, good for one connection within 90 seconds. */
  async openStream(patience?: Patience): Promise<{ readonly endpoint: string; readonly ticket: string }> {
    const { clientId, clientSecret } = this.calls.credentialsOf(this.source);
    const path = '/v1.0/gateway/connections/open';
    const body = { clientId, clientSecret, subscriptions: [{ type: 'EVENT', topic: '*' }], ua: 'clinch' };
    const call: Call = { host: 'api', method: 'POST', path, body, token: 'none', secrets: [clientSecret] };
    const answer = await this.calls.send(this.source, call, patience);
    const endpoint = textOf(answer['endpoint']);
    const ticket = textOf(answer['ticket']);
    if (endpoint === undefined || ticket === undefined) throw unusable(path, 'the answer has no endpoint or no ticket');
    return { endpoint, ticket };
  }

  private async resultFrom(
    path: string,
    body: object,
    patience?: Patience,
    secrets: readonly string[] = [],
  ): Promise<Json> {
    return resultOf(await this.oapi(path, body, patience, secrets), path);
  }

  private async oapi(path: string, body: object, patience?: Patience, secrets: readonly string[] = []): Promise<Json> {
    return this.calls.send(this.source, { host: 'oapi', method: 'POST', path, body, token: 'app', secrets }, patience);
  }
}

async function unlessNotFound(answer: Promise<Json>): Promise<Json | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DingTalkError && error.fault === 'not_found') return undefined;
    throw error;
  }
}

function requireDepartment(path: string, departmentId: number): void {
  if (departmentIdOf(departmentId) !== undefined) return;
  throw new DingTalkError('not_found', '', `${path}: ${departmentId} is no department`);
}

/** @throws {DingTalkError} refused when a list does not say whether it ends here */
function moreFollow(result: Json, path: string): boolean {
  const more = flagOf(result['hasMore'] ?? result['has_more']);
  if (more === undefined) throw unusable(path, 'the answer does not say whether there is more');
  return more;
}
