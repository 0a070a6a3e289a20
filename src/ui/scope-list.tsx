import type { JSX } from 'preact';
import { MESSAGES } from './messages.js';
import type { DescribedScope, Locale, Messages, ScopeWords } from './messages.js';

export interface ScopeListProps {
  readonly scopes: readonly string[];
  readonly locale: Locale;
  /** The id of the sentence that the list completes. */
  readonly labelledBy: string;
  /** Words of somebody who knows better; undefined for the usual ones. */
  readonly describe?: (scope: string) => ScopeWords | undefined;
}

/** What an app asks for, each scope in words and once: wherever a person is asked whether an app may have it. */
export function ScopeList(props: ScopeListProps): JSX.Element {
  const words = MESSAGES[props.locale].consent;
  return (
    <ul class="scopes" aria-labelledby={props.labelledBy}>
      {[...new Set(props.scopes)].map((scope) => (
        <Scope words={props.describe?.(scope) ?? describe(words, scope)} key={scope} />
      ))}
    </ul>
  );
}

function Scope(props: { readonly words: ScopeWords }): JSX.Element {
  return (
    <li class="scope">
      <svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" aria-hidden="true" focusable="false">
        <path
          d="M5 10.5l3.25 3.25L15 7"
          stroke="currentColor"
          stroke-width="1.75"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      </svg>
      <span class="scope-text">
        <span class="scope-title">{props.words.title}</span> <span class="scope-detail">{props.words.detail}</span>
      </span>
    </li>
  );
}

function describe(words: Messages['consent'], scope: string): ScopeWords {
  return isDescribed(words, scope) ? words.scopes[scope] : words.otherScope(scope);
}

// `Object.hasOwn`, so that a scope called "constructor" is an unknown scope and not a property of every object.
function isDescribed(words: Messages['consent'], scope: string): scope is DescribedScope {
  return Object.hasOwn(words.scopes, scope);
}
