/**
 * What an organisation's directory says about a person, from `user/get` or a row of `user/list`. A field that was not in
 * the answer is absent here: the app may lack the permission to read it, so absence never means that the value is gone.
 * A value that was emptied is the empty string.
 */
export interface OrganisationRecord {
  readonly userid: string;
  readonly unionid: string;
  readonly name: string;
  readonly avatar?: string;
  /** E.164, such as +8613800000001. */
  readonly mobile?: string;
  readonly telephone?: string;
  /** The person's own address, as the organisation noted it. */
  readonly email?: string;
  /** The organisation's mailbox of the person. */
  readonly org_email?: string;
  readonly title?: string;
  readonly job_number?: string;
  readonly work_place?: string;
  readonly remark?: string;
  readonly nickname?: string;
  readonly manager_userid?: string;
  /** Epoch milliseconds. */
  readonly hired_date?: number;
  readonly active?: boolean;
  readonly admin?: boolean;
  readonly boss?: boolean;
  readonly exclusive_account?: boolean;
  /** An enterprise account that the organisation has disabled: the only such flag there is. */
  readonly disable_status?: boolean;
  /** The organisation's own fields, by their names there. */
  readonly extension?: Readonly<Record<string, string>>;
  /** From `user/get` all of them; from a department's list only what the row says. */
  readonly departments?: readonly DepartmentPlace[];
  readonly roles?: readonly RoleOfPerson[];
  /** Fields that came and were of no use, such as a masked phone number or a mail address of 300 characters. */
  readonly dropped?: readonly string[];
}

/** A person's place in a department. */
export interface DepartmentPlace {
  readonly id: number;
  readonly order?: number;
  readonly leader?: boolean;
  readonly title?: string;
  readonly main?: boolean;
}

export interface RoleOfPerson {
  readonly id: number;
  readonly name: string;
  readonly group_name?: string;
}

/** A department as `department/get` describes it. */
export interface DepartmentRecord {
  readonly id: number;
  readonly name: string;
  /** Absent for the root. */
  readonly parentId?: number;
  readonly order?: number;
  readonly managers?: readonly string[];
}

/** A role of the directory, with the group it stands in. */
export interface RoleRecord {
  readonly id: number;
  readonly name: string;
  readonly groupName: string;
}
