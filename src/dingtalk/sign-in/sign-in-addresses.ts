import type { IdentitySource } from '../source/identity-source.js';

/** The paths of one source, below the issuer. */
export const SIGN_IN_PATHS = {
  begin: (sourceId: string, interactionId: string) => `/dingtalk/${sourceId}/begin?interaction=${interactionId}`,
  frame: (sourceId: string) => `/dingtalk/${sourceId}/frame`,
  callback: (sourceId: string) => `/dingtalk/${sourceId}/callback`,
  inApp: (sourceId: string, interactionId: string) => `/dingtalk/${sourceId}/in-app?interaction=${interactionId}`,
  inAppCode: (sourceId: string) => `/dingtalk/${sourceId}/in-app`,
  refused: (sourceId: string, reason: string, interactionId: string, traceId: string) =>
    `/dingtalk/${sourceId}/refused?reason=${reason}&interaction=${interactionId}&trace=${traceId}`,
  /** The sign-in page itself, whatever the browser could be sent on to. */
  choose: (interactionId: string) => `/login?interaction=${interactionId}&stay=1`,
  cancelled: (interactionId: string) => `/login?interaction=${interactionId}&stay=1&notice=cancelled`,
} as const;

/**
 * The address of DingTalk's sign-in page.
 *
 * `prompt=consent` is not a wish: without it DingTalk issues a token that may not ask who the person is. No `nonce` and
 * no `code_challenge`, which it refuses or ignores. `corpid` makes the token name the organisation; `corpId` spares the
 * person the choice.
 *
 * @param embedded for a frame on our page, which is told of the outcome by a message
 */
export function loginAddress(source: IdentitySource, redirectUri: string, state: string, embedded: boolean): string {
  const parameters = new URLSearchParams({
    ...(embedded ? { iframe: 'true' } : {}),
    redirect_uri: redirectUri,
    response_type: 'code',
    client_id: source.clientId,
    scope: 'openid corpid',
    prompt: 'consent',
    state,
    corpId: source.corpId,
  });
  return `${source.settings.loginBaseUrl}/oauth2/auth?${parameters.toString()}`;
}
