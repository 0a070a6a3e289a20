import type { IdentitySource } from '../source/identity-source.js';
import type { DepartmentRecord, OrganisationRecord, RoleRecord } from './organisation-record.js';

/** How long a caller is willing to wait. */
export interface Patience {
  /** Ends the call, and the waiting for its turn. */
  readonly signal?: AbortSignal;
  /** How often a passing failure is tried again; 0 for a person who waits, 3 for background work. */
  readonly retries?: number;
}

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
 * The calls to one organisation's DingTalk.
 *
 * Every method throws {@link DingTalkError}, and nothing else.
 */
export class DingTalkClient {
  constructor(readonly source: IdentitySource) {}

  async userToken(_code: string, _patience?: Patience): Promise<UserToken> {
    return notYet();
  }

  /** The union id behind a user token. @throws {DingTalkError} refused when the answer names none */
  async unionIdOf(_userAccessToken: string, _patience?: Patience): Promise<string> {
    return notYet();
  }

  /** @returns undefined when nobody of the organisation has that union id */
  async findByUnionId(
    _unionId: string,
    _patience?: Patience,
  ): Promise<{ readonly userid: string; readonly external: boolean } | undefined> {
    return notYet();
  }

  async userOfInAppCode(_code: string, _patience?: Patience): Promise<InAppUser> {
    return notYet();
  }

  /** @returns undefined when the organisation has nobody of that user id */
  async user(_userid: string, _patience?: Patience): Promise<OrganisationRecord | undefined> {
    return notYet();
  }

  /** The direct members of a department, page by page. */
  async departmentUsers(
    _departmentId: number,
    _cursor: number,
    _patience?: Patience,
  ): Promise<{ readonly users: readonly OrganisationRecord[]; readonly nextCursor: number | undefined }> {
    return notYet();
  }

  /** One level down, each with name and parent, without order and managers. */
  async subDepartments(_departmentId: number, _patience?: Patience): Promise<readonly DepartmentRecord[]> {
    return notYet();
  }

  async department(_departmentId: number, _patience?: Patience): Promise<DepartmentRecord | undefined> {
    return notYet();
  }

  async roles(_patience?: Patience): Promise<readonly RoleRecord[]> {
    return notYet();
  }

  /** The user ids of a role, page by page. */
  async roleMembers(
    _roleId: number,
    _offset: number,
    _patience?: Patience,
  ): Promise<{ readonly userids: readonly string[]; readonly nextOffset: number | undefined }> {
    return notYet();
  }

  async visibleRange(_patience?: Patience): Promise<VisibleRange> {
    return notYet();
  }

  /** Events that could not be delivered; reading removes them at DingTalk. */
  async failedEvents(
    _patience?: Patience,
  ): Promise<{ readonly events: readonly FailedEvent[]; readonly more: boolean }> {
    return notYet();
  }

  /** A place to connect a WebSocket to, good for one connection within 90 seconds. */
  async openStream(_patience?: Patience): Promise<{ readonly endpoint: string; readonly ticket: string }> {
    return notYet();
  }
}

/** An event from DingTalk's list of those that it could not deliver. */
export interface FailedEvent {
  readonly type: string;
  readonly time: Date;
  readonly payload: Readonly<Record<string, unknown>>;
}

function notYet(): never {
  throw new Error('not built yet');
}
