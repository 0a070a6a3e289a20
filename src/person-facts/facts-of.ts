import type { Account } from '../accounts/account-store.js';
import type { DepartmentFacts, JsonValue, PersonFacts } from '../expressions/expression-facts.js';
import { MOST_FACTS } from '../expressions/limits.js';

/** One thing about a person; which one says `kind`, and what the others are follows from it. */
export interface FactRow {
  readonly kind: 'account' | 'department' | 'step' | 'group' | 'role' | 'identity';
  readonly account_id: string;
  readonly id: string;
  /** Of the account its custom fields, of an identity the union id. */
  readonly name: string;
  readonly source_id: string | null;
  /** Of an identity the corp id. */
  readonly external_id: string | null;
  /** The title in a department, the department that a step leads to, the group of a role. */
  readonly extra: string | null;
  readonly main: number;
  readonly leader: number;
  /** When the account was made (milliseconds); how far a step is above its department. */
  readonly number: number;
}

/**
 * A person as expressions see them. Lists are in an order that no database decides; of very long ones the first
 * `MOST_FACTS` are told.
 */
export function factsOf(account: Account, rows: readonly FactRow[]): PersonFacts {
  const { updated_at: updatedAt, ...claims } = account.claims;
  const of = (kind: FactRow['kind']): FactRow[] => rows.filter((row) => row.kind === kind);
  const [stored] = of('account');
  return {
    ...claims,
    id: account.id,
    username: account.username,
    status: account.status,
    ...(typeof updatedAt === 'number' ? { updated_at: new Date(updatedAt * 1_000) } : {}),
    ...(stored === undefined ? {} : { created_at: new Date(stored.number) }),
    custom: stored === undefined ? {} : (JSON.parse(stored.name) as Record<string, JsonValue>),
    departments: departmentsOf(of('department'), of('step')),
    groups: of('group')
      .sort(byName)
      .slice(0, MOST_FACTS)
      .map(({ id, name }) => ({ id, name })),
    directory_roles: of('role')
      .sort(byName)
      .slice(0, MOST_FACTS)
      .map(({ id, source_id, external_id, name, extra }) => ({
        id,
        source: source_id ?? '',
        external_id: external_id ?? '',
        name,
        group: extra ?? '',
      })),
    identities: Object.fromEntries(
      of('identity').map((row) => [
        row.source_id ?? '',
        { corp_id: row.external_id ?? '', user_id: row.id, union_id: row.name },
      ]),
    ),
  };
}

function departmentsOf(departments: readonly FactRow[], steps: readonly FactRow[]): DepartmentFacts[] {
  const mainFirst = [...departments].sort((a, b) => b.main - a.main || byName(a, b)).slice(0, MOST_FACTS);
  const paths = new Map(mainFirst.map(({ id }): [string, FactRow[]] => [id, []]));
  for (const step of steps) paths.get(step.extra ?? '')?.push(step);
  return mainFirst.map((row) => {
    const path = (paths.get(row.id) ?? []).sort((a, b) => b.number - a.number);
    return {
      id: row.id,
      source: row.source_id ?? '',
      external_id: row.external_id ?? '',
      name: row.name,
      path: path.map(({ name }) => name),
      path_ids: path.map(({ id }) => id),
      main: row.main === 1,
      leader: row.leader === 1,
      title: row.extra ?? '',
    };
  });
}

/** By UTF-16 code units, as no database's collation has it. */
function byName(a: FactRow, b: FactRow): number {
  return compare(a.name, b.name) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
