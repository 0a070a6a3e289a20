import { PageError } from '../http/page-error.js';
import type { Parameters } from '../protocol/parameters.js';
import { ownPage } from './launch-destination.js';
import type { LaunchedApp } from './launch-entry.js';

/** What a launch address asks for. */
export interface LaunchRequest {
  /** The organisation whose DingTalk it is opened from. */
  readonly corpId: string | undefined;
  readonly targetLinkUri: string | undefined;
  /** By name, of an app that gives roles of its own. */
  readonly role: string | undefined;
  /** The app belongs into the system's own browser, not into DingTalk's. */
  readonly inSystemBrowser: boolean;
  /** The browser was sent to sign in from here before: it is not sent on without being asked again. */
  readonly stay: boolean;
}

/** @throws {PageError} when it asks for a page that is not the app's */
export function readLaunchRequest({ client, opener }: LaunchedApp, parameters: Parameters): LaunchRequest {
  const target = parameters.get('target_link_uri');
  const targetLinkUri = target === undefined ? undefined : ownPage(client, target, opener);
  if (target !== undefined && targetLinkUri === undefined)
    throw new PageError('invalid_request', { hint: `target_link_uri is no page of client ${client.id}` });
  return {
    corpId: readCorpId(parameters.get('corpid')),
    targetLinkUri,
    role: opener === undefined ? undefined : parameters.get('role'),
    inSystemBrowser: parameters.get('open') === 'browser',
    stay: parameters.get('stay') === '1',
  };
}

/** DingTalk replaces `$CORPID$` in an app's home page only where it is opened from the workbench. */
function readCorpId(given: string | undefined): string | undefined {
  return given !== undefined && /^[\w-]{1,128}$/.test(given) ? given : undefined;
}

/** The launch page of an app, as a path below the issuer. */
export function launchPath(clientId: string, asked: Partial<Omit<LaunchRequest, 'corpId'>> = {}): string {
  const parameters = new URLSearchParams({
    ...(asked.role === undefined ? {} : { role: asked.role }),
    ...(asked.targetLinkUri === undefined ? {} : { target_link_uri: asked.targetLinkUri }),
    ...(asked.inSystemBrowser === true ? { open: 'browser' } : {}),
    ...(asked.stay === true ? { stay: '1' } : {}),
  });
  const path = `/launch/${encodeURIComponent(clientId)}`;
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}
