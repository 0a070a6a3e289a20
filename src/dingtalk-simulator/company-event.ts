import { randomUUID } from 'node:crypto';

/** The changes that DingTalk tells an internal app of. */
export type CompanyEventType =
  | 'user_add_org'
  | 'user_modify_org'
  | 'user_leave_org'
  | 'user_active_org'
  | 'org_admin_add'
  | 'org_admin_remove'
  | 'org_dept_create'
  | 'org_dept_modify'
  | 'org_dept_remove'
  | 'org_change'
  | 'org_remove'
  | 'label_user_change'
  | 'label_conf_add'
  | 'label_conf_modify'
  | 'label_conf_del';

export interface CompanyEvent {
  readonly eventId: string;
  /** One of CompanyEventType, or whatever a test pushes. */
  readonly type: string;
  readonly corpId: string;
  /** Epoch milliseconds. */
  readonly bornAt: number;
  /** The fields that stand beside the envelope over HTTP, and alone in `data` over Stream. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** An event of now, with an id of its own. */
export function companyEvent(corpId: string, type: string, payload: Readonly<Record<string, unknown>>): CompanyEvent {
  return { eventId: randomUUID().replaceAll('-', ''), type, corpId, bornAt: Date.now(), payload };
}

/** The payload of events about people: ids, and the time as a string. */
export function aboutPeople(...userids: readonly string[]): Record<string, unknown> {
  return { timeStamp: String(Date.now()), userId: userids };
}
