import type { TemplateOfApp } from '../app-templates/app-templates.js';
import type { Client } from '../app-registry/client.js';

/** Characters; a longer address is no link that anybody made on purpose. */
const LONGEST_TARGET = 2_000;

/** What goes with the person to the app. */
export interface LaunchFacts {
  readonly issuer: string;
  /** What the person is called; absent while nobody is signed in, and where the app is not to know. */
  readonly loginHint?: string;
  /** A page of the app, proven to be its own. */
  readonly targetLinkUri?: string | undefined;
}

/**
 * Where an app is opened.
 *
 * OpenID Connect Core 1.0 §4: an app with an initiation URL is told who issues and whom to expect, and begins the
 * sign-in itself. Others are opened at their front page and begin when they see that nobody is signed in. Whether the
 * app has a place in the portal is another matter (`sso_initiator`): who has the app's address here may open it.
 *
 * One with a template is opened by its launch page: where that leads is known when a role was taken.
 *
 * @returns undefined for an app that has no page on the web
 */
export function launchDestination({ id, metadata }: Client, facts: LaunchFacts): string | undefined {
  const { initiateLoginUri, clientUri, template } = metadata;
  if (template !== null) return `${facts.issuer}/launch/${encodeURIComponent(id)}`;
  if (initiateLoginUri !== null) return initiation(initiateLoginUri, facts);
  if (facts.targetLinkUri !== undefined) return facts.targetLinkUri;
  if (clientUri !== null) return clientUri;
  const [origin] = redirectOrigins(metadata);
  return origin === undefined ? undefined : `${origin}/`;
}

/** The query that an operator wrote into the address stays as it is. */
function initiation(address: string, { issuer, loginHint, targetLinkUri }: LaunchFacts): string {
  const parameters = new URLSearchParams({
    iss: issuer,
    ...(loginHint === undefined ? {} : { login_hint: loginHint }),
    ...(targetLinkUri === undefined ? {} : { target_link_uri: targetLinkUri }),
  });
  return address + (address.includes('?') ? '&' : '?') + parameters.toString();
}

/**
 * The page of the app that a link asks for, in its normal form. OpenID Connect Core 1.0 §4: it MUST be verified, "to
 * prevent being used as an open redirector"; only the app's own origins will do.
 *
 * @param opener the app's template, if it has one: that knows which pages are the app's
 * @returns undefined when it is no page of this app
 */
export function ownPage({ metadata }: Client, address: string, opener?: TemplateOfApp): string | undefined {
  if (address.length > LONGEST_TARGET || !URL.canParse(address)) return undefined;
  if (opener !== undefined) return opener.template.ownPage?.(opener.settings, address);
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return undefined;
  const own = [metadata.clientUri, metadata.initiateLoginUri].flatMap((known) => (known === null ? [] : [known]));
  const origins = [...own.map((known) => new URL(known).origin), ...redirectOrigins(metadata)];
  return /^https?:$/.test(url.protocol) && origins.includes(url.origin) ? url.href : undefined;
}

/** Of a web app only: what stands on the loopback address of a native one is the app itself, for a moment. */
function redirectOrigins({ applicationType, redirectUris }: Client['metadata']): string[] {
  if (applicationType !== 'web') return [];
  return redirectUris.map((uri) => new URL(uri)).flatMap((url) => (/^https?:$/.test(url.protocol) ? [url.origin] : []));
}
