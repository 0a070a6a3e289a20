/** What a change did: the members that differ, as they were and as they are. */
export interface Changes {
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** Values that nobody may read back, whatever object they come in. */
const SECRET = /(secret|password|passwordHash|digest|aes_key|aesKey|callback_token|callbackToken)$/;
const EMAIL = /^email$/;
const PHONE = /^(phone_number|phoneNumber)$/;

/** They change with everything, and say nothing. */
const USELESS = new Set(['version', 'updated_at', 'updatedAt', 'created_at', 'createdAt']);

/**
 * Compares a thing before and after a change, for the details of an audit event: only what differs, secrets as
 * `[secret]`, e-mail addresses and phone numbers masked, since an event cannot be taken back.
 *
 * @param before undefined for something that was made
 * @param after undefined for something that was deleted
 */
export function changesBetween(before: object | undefined, after: object | undefined): Changes {
  const [old, now] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))];
  const names = [...new Set([...old.keys(), ...now.keys()])].filter((name) => {
    return !USELESS.has(name) && JSON.stringify(old.get(name)) !== JSON.stringify(now.get(name));
  });
  const shown = (values: ReadonlyMap<string, unknown>) => {
    const there = names.filter((name) => values.get(name) !== undefined);
    return Object.fromEntries(there.map((name) => [name, masked(name, values.get(name))]));
  };
  return {
    ...(before === undefined ? {} : { before: shown(old) }),
    ...(after === undefined ? {} : { after: shown(now) }),
  };
}

/** What something was made of: the members that were sent, as they are. */
export function madeOf(made: object, sent: object): Changes {
  const names = new Set(Object.keys(sent));
  return changesBetween(undefined, Object.fromEntries(Object.entries(made).filter(([name]) => names.has(name))));
}

function masked(name: string, value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (SECRET.test(name)) return '[secret]';
  if (typeof value !== 'string') return value;
  if (EMAIL.test(name)) return value.replace(/^(.).*(@.*)?$/s, (_, first: string) => `${first}***${domainOf(value)}`);
  return PHONE.test(name) ? `****${value.slice(-4)}` : value;
}

function domainOf(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 0 ? '' : email.slice(at);
}
