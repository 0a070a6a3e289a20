/** A place in one department. */
export interface Membership {
  readonly deptId: number;
  readonly order: number;
  readonly leader: boolean;
  readonly title?: string;
}

/** An account that the organisation made for somebody, beside DingTalk's ordinary personal accounts. */
export interface EnterpriseAccount {
  readonly type: 'sso' | 'dingtalk';
  readonly loginId: string;
  readonly nickname: string;
  readonly disabled: boolean;
}

/**
 * Somebody in an organisation's address book. What a field is called on the wire stands in user-record.ts.
 * `nick` and `personalEmail` belong to the account and not to the organisation: the person changes them at will.
 */
export interface Person {
  readonly userid: string;
  readonly unionid: string;
  readonly name: string;
  readonly memberships: readonly Membership[];
  readonly active: boolean;
  readonly nick?: string;
  readonly personalEmail?: string;
  readonly avatar?: string;
  readonly mobile?: string;
  readonly hideMobile?: boolean;
  readonly telephone?: string;
  readonly jobNumber?: string;
  readonly title?: string;
  readonly email?: string;
  readonly orgEmail?: string;
  readonly workPlace?: string;
  readonly remark?: string;
  readonly extension?: string;
  readonly managerUserid?: string;
  /** Epoch milliseconds. */
  readonly hiredDate?: number;
  readonly senior?: boolean;
  readonly boss?: boolean;
  readonly enterpriseAccount?: EnterpriseAccount;
}

/** What may be changed about somebody without making them somebody else. */
export type PersonFields = Partial<Omit<Person, 'userid' | 'unionid' | 'memberships'>>;

/** What is needed of somebody who joins; the rest is made up. */
export interface NewPerson extends PersonFields {
  readonly name: string;
  readonly deptIds: readonly number[];
  readonly userid?: string;
  readonly unionid?: string;
}

/** Somebody who has gone. The record is kept: it is what a rehire starts from. */
export interface Leaver {
  readonly person: Person;
  /** Epoch milliseconds. */
  readonly leftAt: number;
  readonly reason: 'leave' | 'delete' | 'oapi' | 'cancel' | 'unknown';
}

/** Who somebody is to DingTalk's own account system, apart from any organisation. */
export interface Account {
  /** The userid in an organisation, by which the simulator's pages name the account. */
  readonly userid: string;
  readonly unionid: string;
  readonly name: string;
  readonly nick?: string;
  readonly personalEmail?: string;
  readonly avatar?: string;
  readonly mobile?: string;
}

export const deptIdsOf = (person: Person): number[] => person.memberships.map(({ deptId }) => deptId);
