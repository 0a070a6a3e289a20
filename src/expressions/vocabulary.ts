import type { ExpressionUse } from './expression-outcome.js';

/** The members of a record, with their types as the engine writes them. */
export type Members = Readonly<Record<string, string>>;

export const TIMESTAMP = 'google.protobuf.Timestamp';

const USER: Members = {
  id: 'string',
  username: 'string',
  status: 'string',
  name: 'string',
  given_name: 'string',
  family_name: 'string',
  middle_name: 'string',
  nickname: 'string',
  preferred_username: 'string',
  profile: 'string',
  picture: 'string',
  website: 'string',
  gender: 'string',
  birthdate: 'string',
  zoneinfo: 'string',
  locale: 'string',
  email: 'string',
  email_verified: 'bool',
  phone_number: 'string',
  phone_number_verified: 'bool',
  address: 'map<string, string>',
  created_at: TIMESTAMP,
  updated_at: TIMESTAMP,
  custom: 'map<string, dyn>',
  departments: 'list<Department>',
  groups: 'list<Group>',
  directory_roles: 'list<DirectoryRole>',
  identities: 'map<string, Identity>',
};

/** Every kind of record that expressions can meet, by the name of its type. */
export const RECORDS: Readonly<Record<string, Members>> = {
  User: USER,
  App: { id: 'string', name: 'string', account: 'string', roles: 'list<string>', permissions: 'list<string>' },
  BareApp: { id: 'string', name: 'string' },
  Session: { auth_time: TIMESTAMP, amr: 'list<string>', acr: 'string' },
  Request: { address: 'string', time: TIMESTAMP, amr: 'list<string>', endpoint: 'string' },
  Department: {
    id: 'string',
    source: 'string',
    external_id: 'string',
    name: 'string',
    path: 'list<string>',
    path_ids: 'list<string>',
    main: 'bool',
    leader: 'bool',
    title: 'string',
  },
  Group: { id: 'string', name: 'string' },
  DirectoryRole: { id: 'string', source: 'string', external_id: 'string', name: 'string', group: 'string' },
  Identity: { corp_id: 'string', user_id: 'string', union_id: 'string' },
};

/** The variables that each use has, with their types. */
export const VARIABLES: Readonly<Record<ExpressionUse, Members>> = {
  claim: { user: 'User', app: 'App', session: 'Session', scope: 'list<string>' },
  access: { user: 'User', app: 'App', request: 'Request' },
  subject: { user: 'User', app: 'BareApp' },
  account: { user: 'User', app: 'BareApp' },
};

/** What each use must give; a claim may be anything that JSON has. */
export const RESULTS: Readonly<Record<ExpressionUse, 'string' | 'bool' | undefined>> = {
  claim: undefined,
  access: 'bool',
  subject: 'string',
  account: 'string',
};

/** A record as the engine sees it: a map, so that nothing but its own members can be read. */
export type FactRecord = Map<string, unknown>;

type RecordClass = new () => FactRecord;

/** The engine tells types apart by their classes. */
export const RECORD_CLASSES: ReadonlyMap<string, RecordClass> = new Map(
  Object.keys(RECORDS).map((name) => [name, class extends Map<string, unknown> {}]),
);
