import { OAuthError } from './oauth-error.js';

const PROMPTS = ['none', 'login', 'consent', 'select_account'] as const;

export type Prompt = (typeof PROMPTS)[number];

export const PROMPT_VALUES: readonly Prompt[] = PROMPTS;

/**
 * OpenID Connect Core 1.0 §3.1.2.1: a space delimited list; `none` with any other value is an error.
 *
 * @throws {OAuthError} invalid_request
 */
export function parsePrompt(text: string | undefined): ReadonlySet<Prompt> {
  const prompts = new Set<Prompt>();
  for (const word of text?.split(' ') ?? []) {
    const prompt = PROMPTS.find((known) => known === word);
    if (prompt === undefined) throw new OAuthError('invalid_request', 'prompt has an unknown value');
    prompts.add(prompt);
  }
  if (prompts.has('none') && prompts.size > 1) {
    throw new OAuthError('invalid_request', 'prompt none stands alone');
  }
  return prompts;
}
