/** Who may take a role, as RAM's policy language says it. */
export interface TrustPolicy {
  readonly Version: string;
  readonly Statement: readonly TrustStatement[];
}

export interface TrustStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal: { readonly Federated?: string | readonly string[] };
  readonly Condition?: Conditions;
}

type Values = string | readonly string[];
type Conditions = Readonly<Record<string, Readonly<Record<string, Values>>>>;

/** Of the token, what conditions can ask for. There is no other: RAM sees no groups and no other claim. */
export interface TrustContext {
  readonly providerArn: string;
  readonly keys: Readonly<Record<'oidc:iss' | 'oidc:aud' | 'oidc:sub', readonly string[]>>;
}

type Matches = (value: string, pattern: string) => boolean;

const lower = (text: string) => text.toLowerCase();
const equals: Matches = (value, wanted) => value === wanted;
const like: Matches = (value, pattern) => globToRegExp(pattern).test(value);

const OPERATORS: Readonly<Record<string, { readonly matches: Matches; readonly isNegated: boolean }>> = {
  StringEquals: { matches: equals, isNegated: false },
  StringNotEquals: { matches: equals, isNegated: true },
  StringEqualsIgnoreCase: { matches: (value, wanted) => lower(value) === lower(wanted), isNegated: false },
  StringNotEqualsIgnoreCase: { matches: (value, wanted) => lower(value) === lower(wanted), isNegated: true },
  StringLike: { matches: like, isNegated: false },
  StringNotLike: { matches: like, isNegated: true },
};

/** Whether the policy lets a token take the role: some statement allows it, and none denies it. */
export function isTrusted({ Statement: statements }: TrustPolicy, context: TrustContext): boolean {
  const applying = statements.filter((statement) => applies(statement, context));
  if (applying.some(({ Effect }) => Effect === 'Deny')) return false;
  return applying.some(({ Effect }) => Effect === 'Allow');
}

/** What RAM would refuse the policy for, or undefined. What an OIDC provider may do must be bound to its issuer and its clients. */
export function flawOfTrustPolicy(policy: TrustPolicy): string | undefined {
  if (policy.Version !== '1') return 'Version must be "1".';
  if (policy.Statement.length === 0) return 'There is no statement.';
  for (const { Effect, Action, Principal, Condition } of policy.Statement) {
    if (Effect !== 'Allow' && Effect !== 'Deny') return 'Effect is Allow or Deny.';
    if (!listOf(Action).includes('sts:AssumeRole')) return 'Action must be sts:AssumeRole.';
    if (listOf(Principal.Federated).length === 0) return 'Principal.Federated names no provider.';
    const exact = Condition?.['StringEquals'] ?? {};
    const missing = ['oidc:iss', 'oidc:aud'].find((key) => listOf(exact[key]).length === 0);
    if (Effect === 'Allow' && missing !== undefined) return `StringEquals on ${missing} is required.`;
  }
  return undefined;
}

function applies({ Action, Principal, Condition = {} }: TrustStatement, context: TrustContext): boolean {
  if (!listOf(Action).includes('sts:AssumeRole')) return false;
  if (!listOf(Principal.Federated).includes(context.providerArn)) return false;
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, key, listOf(wanted), context)),
  );
}

/** Of several values one is enough; of a negated operator all must differ. An operator or key that is unknown never holds. */
function holds(operator: string, key: string, wanted: readonly string[], { keys }: TrustContext): boolean {
  const known = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  const values = Object.entries(keys).find(([name]) => lower(name) === lower(key))?.[1];
  if (known === undefined || values === undefined) return false;
  const isMet = values.some((value) => wanted.some((each) => known.matches(value, each)));
  return known.isNegated ? !isMet : isMet;
}

/** `*` stands for any number of characters, `?` for one. */
function globToRegExp(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

function listOf(values: Values | undefined): readonly string[] {
  if (values === undefined) return [];
  return typeof values === 'string' ? [values] : values;
}
