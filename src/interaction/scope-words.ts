import type { ApiResource } from '../api-resource/api-resource.js';
import type { CustomScope } from '../custom-scopes/custom-scopes.js';
import { MESSAGES, type Locale, type ScopeWords } from '../ui/messages.js';
import { nameWithin } from './api-scope.js';

/** An API in its own words. */
export type ApiInWords = Pick<ApiResource, 'identifier' | 'name' | 'scopes'>;

/** A scope of the operator's own in its own words. */
export type CustomScopeInWords = Pick<CustomScope, 'name' | 'description'>;

/** Who has words of their own for what is asked for. */
export interface OwnWords {
  /** The API that is asked for; its scopes begin with its identifier. */
  readonly api?: ApiInWords;
  /** Those of the operator's own scopes that the app would have. */
  readonly customScopes?: readonly CustomScopeInWords[];
}

/** What the operator, or an API, says of a scope; for all others undefined: the usual words. */
export function scopeWords(
  { api, customScopes = [] }: OwnWords,
  locale: Locale,
): (scope: string) => ScopeWords | undefined {
  const words = MESSAGES[locale].consent;
  return (scope) => {
    const name = api === undefined ? undefined : nameWithin(api.identifier, scope);
    const custom = customScopes.find((each) => each.name === (name ?? scope));
    const own = custom === undefined ? undefined : words.customScope(custom.description[locale]);
    if (api === undefined || name === undefined) return own;
    const known = api.scopes.find((each) => each.name === name);
    if (known === undefined) return own ?? words.otherScope(name);
    const ofApi = words.apiScope(known.description ?? name, api.name);
    // One name for two things, and the app would have both.
    return own === undefined ? ofApi : { title: ofApi.title, detail: `${ofApi.detail} · ${own.title}` };
  };
}
