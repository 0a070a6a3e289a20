import { Injectable } from '@nestjs/common';
import { ApiResources } from '../api-resource/api-resources.js';
import { CustomScopes } from '../custom-scopes/custom-scopes.js';
import { nameWithinAny } from '../interaction/api-scope.js';
import { scopeWords } from '../interaction/scope-words.js';
import { MESSAGES, type Locale, type ScopeWords } from '../ui/messages.js';

/** What scopes are called on these pages: each API and each operator in their own words. */
@Injectable()
export class AgreedScopes {
  constructor(
    private readonly resources: ApiResources,
    private readonly customScopes: CustomScopes,
  ) {}

  /** @returns words for those tokens that have words of their own */
  async wordsFor(tokens: readonly string[], locale: Locale): Promise<ReadonlyMap<string, ScopeWords>> {
    const customScopes = await this.customScopes.among(tokens.map(nameWithinAny));
    const words = new Map<string, ScopeWords>();
    for (const token of tokens) {
      const identifier = token.includes('#') ? token.slice(0, token.indexOf('#')) : undefined;
      const api = identifier === undefined ? undefined : await this.resources.find(identifier);
      const own = scopeWords(api === undefined ? { customScopes } : { api, customScopes }, locale)(token);
      // An API that is gone: its scope means nothing any more, but it was agreed to.
      const known =
        own ?? (identifier === undefined ? undefined : MESSAGES[locale].consent.otherScope(nameWithinAny(token)));
      if (known !== undefined) words.set(token, known);
    }
    return words;
  }
}
