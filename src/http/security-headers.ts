/** What a page may do besides showing itself. */
export interface PagePermissions {
  /** Sources that its forms may reach, themselves or by redirect: Chromium checks both. */
  readonly formAction?: readonly string[];
  /** Hashes of inline scripts, or addresses of our own, for the few pages that have one. */
  readonly scripts?: readonly string[];
  /** Addresses of ours that its script may ask. */
  readonly connects?: readonly string[];
  /** Origins that it may show in a frame. */
  readonly frames?: readonly string[];
  /**
   * The page has a form that posts to ourselves. Under `no-referrer` browsers send `Origin: null` with it, which is
   * also what a hostile sandboxed frame sends; under `same-origin` they send the truth, and other sites still learn
   * nothing. The last value that a browser knows is the one it follows.
   */
  readonly postsToUs?: boolean;
}

/**
 * Headers of every page. `form-action` names more than ourselves where a form ends at an app, because Chromium applies
 * it to all redirects that follow a form (`formActionSources` says what was seen).
 */
export function pageHeaders(secure: boolean, permissions: PagePermissions = {}): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data: https:",
    `script-src ${permissions.scripts?.join(' ') ?? "'none'"}`,
    ...directive('connect-src', permissions.connects),
    ...directive('frame-src', permissions.frames),
    `form-action ${["'self'", ...(permissions.formAction ?? [])].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store',
    'Referrer-Policy': permissions.postsToUs === true ? 'no-referrer, same-origin' : 'no-referrer',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=()',
    // A sign-in page must keep the window that opened it: apps sign people in in a popup and wait for it.
    'Cross-Origin-Opener-Policy': permissions.formAction === undefined ? 'same-origin' : 'unsafe-none',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(secure ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
}

/** Only where it is needed: without it `default-src` says no. */
function directive(name: string, sources: readonly string[] | undefined): string[] {
  return sources === undefined ? [] : [`${name} ${sources.join(' ')}`];
}
