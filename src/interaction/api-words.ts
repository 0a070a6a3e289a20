import type { ApiResource } from '../api-resource/api-resource.js';
import { MESSAGES, type Locale, type ScopeWords } from '../ui/messages.js';
import { nameWithin } from './api-scope.js';

/** An API in its own words. */
export type ApiInWords = Pick<ApiResource, 'identifier' | 'name' | 'scopes'>;

/** What an API itself says of its scopes, which begin with its identifier; for all others undefined: the usual words. */
export function apiWords(api: ApiInWords | undefined, locale: Locale): (scope: string) => ScopeWords | undefined {
  const words = MESSAGES[locale].consent;
  return (scope) => {
    const name = api === undefined ? undefined : nameWithin(api.identifier, scope);
    if (api === undefined || name === undefined) return undefined;
    const known = api.scopes.find((each) => each.name === name);
    return known === undefined ? words.otherScope(name) : words.apiScope(known.description ?? name, api.name);
  };
}
