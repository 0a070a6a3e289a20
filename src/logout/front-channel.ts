import { createHash } from 'node:crypto';
import type { EnteredApp } from './entered-apps.js';

/** A frame in which an app signs its person out. */
export interface LogoutFrame {
  readonly name: string;
  readonly address: string;
}

/** Frames on one page: each is a page of somebody else in our person's browser. */
const MOST_FRAMES = 30;

/**
 * OpenID Connect Front-Channel Logout 1.0 §3: the OP renders the logout URI of each RP in an iframe, with `iss` and `sid`.
 * Only for apps that have no other way: what the back channel tells does not depend on the browser's third-party cookies.
 */
export function logoutFrames(apps: readonly EnteredApp[], issuer: string): LogoutFrame[] {
  const frames = apps.flatMap(({ name, sessionId, backchannelLogoutUri, frontchannelLogoutUri }) => {
    if (frontchannelLogoutUri === null || backchannelLogoutUri !== null) return [];
    const query = new URLSearchParams({ iss: issuer, sid: sessionId }).toString();
    const address = `${frontchannelLogoutUri}${frontchannelLogoutUri.includes('?') ? '&' : '?'}${query}`;
    return [{ name, address }];
  });
  return frames.slice(0, MOST_FRAMES);
}

/** What `frame-src` must allow for them: their origins and nothing else. */
export function frameSources(frames: readonly LogoutFrame[]): string[] {
  const sources = frames.map(({ address }) => {
    const { protocol, origin, hostname } = new URL(address);
    // CSP3 §2.3.1: a host-source cannot be an IPv6 address.
    return hostname.startsWith('[') ? protocol : origin;
  });
  return [...new Set(sources)];
}

/** The names of the apps that are told, each once. */
export function toldApps(apps: readonly EnteredApp[]): string[] {
  const told = apps.filter((app) => app.backchannelLogoutUri !== null || app.frontchannelLogoutUri !== null);
  return [...new Set(told.map(({ name }) => name))];
}

/** Milliseconds that the frames have. An app that does not answer keeps nobody here. */
const FRAMES_MS = 3_000;

/**
 * Goes on once all frames have loaded, which is when the page has. `replace`, so that going back does not come here again.
 * Written for the older Chromium inside desktop clients.
 */
export const GO_ON = `(function () {
  var link = document.getElementById('go-on');
  if (link === null) return;
  var left = false;
  function goOn() {
    if (left) return;
    left = true;
    location.replace(link.href);
  }
  addEventListener('load', goOn);
  setTimeout(goOn, ${FRAMES_MS});
})();
`;

/** Its name changes with the content, so it may be kept for a year. */
export const GO_ON_PATH = `/assets/go-on-${createHash('sha256').update(GO_ON).digest('hex').slice(0, 10)}.js`;

/** Seconds after which a browser without scripts goes on. */
export const GO_ON_AFTER_SECONDS = 4;
