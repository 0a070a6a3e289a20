/** What can stand in a token or an answer: JSON, as JavaScript has it. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** A department that a person is in. */
export interface DepartmentFacts {
  readonly id: string;
  readonly source?: string;
  readonly external_id?: string;
  readonly name: string;
  /** The names of the departments from the root to this one. */
  readonly path: readonly string[];
  /** Their ids, in the same order. */
  readonly path_ids: readonly string[];
  readonly main: boolean;
  readonly leader: boolean;
  readonly title?: string;
}

export interface GroupFacts {
  readonly id: string;
  readonly name: string;
}

/** A role of the directory's own, such as DingTalk's. */
export interface DirectoryRoleFacts {
  readonly id: string;
  readonly source?: string;
  readonly external_id?: string;
  readonly name: string;
  readonly group?: string;
}

/** Who a person is in an identity source. */
export interface IdentityFacts {
  readonly corp_id?: string;
  readonly user_id?: string;
  readonly union_id?: string;
}

/**
 * A person: the standard claims by their own names (OpenID Connect Core 1.0 §5.1), and what an organisation adds. What
 * is left out, or undefined, is absent: an expression that reads it fails. Lists and maps that are left out are empty.
 */
export interface PersonFacts {
  readonly id: string;
  readonly username: string;
  readonly status: string;
  readonly name?: string;
  readonly given_name?: string;
  readonly family_name?: string;
  readonly middle_name?: string;
  readonly nickname?: string;
  readonly preferred_username?: string;
  readonly profile?: string;
  readonly picture?: string;
  readonly website?: string;
  readonly gender?: string;
  readonly birthdate?: string;
  readonly zoneinfo?: string;
  readonly locale?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly phone_number?: string;
  readonly phone_number_verified?: boolean;
  readonly address?: Readonly<Record<string, string>>;
  readonly created_at?: Date;
  readonly updated_at?: Date;
  readonly custom?: Readonly<Record<string, JsonValue>>;
  /** The main one first. */
  readonly departments?: readonly DepartmentFacts[];
  readonly groups?: readonly GroupFacts[];
  readonly directory_roles?: readonly DirectoryRoleFacts[];
  /** By the id of the identity source. */
  readonly identities?: Readonly<Record<string, IdentityFacts>>;
}

/** The app, and the person in it. Expressions for `subject` and `account` see `id` and `name` alone. */
export interface AppFacts {
  readonly id: string;
  readonly name?: string;
  /** The app account; left out where there is none. */
  readonly account?: string;
  /** The names of the app's roles that the person has. */
  readonly roles?: readonly string[];
  /** `resource:action`. */
  readonly permissions?: readonly string[];
}

export interface SessionFacts {
  readonly auth_time?: Date;
  readonly amr?: readonly string[];
  readonly acr?: string;
}

export interface RequestFacts {
  readonly address?: string;
  readonly time: Date;
  readonly amr?: readonly string[];
  readonly endpoint: 'authorize' | 'device' | 'launch' | 'token' | 'portal';
}

/** What an expression can speak of, as plain data. What a use has no variable for is not looked at. */
export interface ExpressionFacts {
  readonly user: PersonFacts;
  readonly app: AppFacts;
  readonly session?: SessionFacts;
  readonly scope?: readonly string[];
  readonly request?: RequestFacts;
}
