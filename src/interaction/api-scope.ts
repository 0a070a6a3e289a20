/**
 * A scope of an API, as it is agreed to: two APIs may use one name for two things, and agreeing to one is not agreeing
 * to the other. A resource indicator has no fragment (RFC 8707 §2), so the two never run together.
 */
export function apiScope(resource: string, scope: string): string {
  return `${resource}#${scope}`;
}

/** The name of a scope of that API; undefined when it is none. */
export function nameWithin(resource: string, agreed: string): string | undefined {
  const prefix = apiScope(resource, '');
  return agreed.startsWith(prefix) ? agreed.slice(prefix.length) : undefined;
}

/** The name of the scope, of whatever API it is agreed to; one of no API is its own name. */
export function nameWithinAny(agreed: string): string {
  return agreed.slice(agreed.indexOf('#') + 1);
}
