import { Injectable } from '@nestjs/common';
import { AppsOfPerson, type OpenApp } from '../access/apps-of-person.js';
import { AppTemplates } from '../app-templates/app-templates.js';
import { rolesFor } from '../app-templates/federation.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { launchDestination } from '../launch/launch-destination.js';
import { SessionClients } from '../session/session-clients.js';
import type { SignedIn } from '../session/session-store.js';
import { Settings } from '../settings/settings.js';
import type { Locale } from '../ui/messages.js';
import { byName } from './by-name.js';

/** An app on the portal. */
export interface PortalApp {
  readonly id: string;
  readonly name: string;
  readonly logoUri: string | null;
  /** Whether a click opens it: other apps are begun from the app itself. */
  readonly opens: boolean;
}

/** The apps that somebody may open, as the portal shows them. */
@Injectable()
export class PortalApps {
  constructor(
    private readonly apps: AppsOfPerson,
    private readonly templates: AppTemplates,
    private readonly used: SessionClients,
    private readonly settings: Settings,
    private readonly config: ClinchConfig,
  ) {}

  /** Those used last come first, the others follow by name. @param address of the browser */
  async of({ account, session }: SignedIn, address: string, locale: Locale): Promise<readonly PortalApp[]> {
    const [open, used] = await Promise.all([
      this.apps.withReasons(account, { address, amr: session.amr }),
      this.used.lastUsed(account.id),
    ]);
    const order = byName(locale);
    const showAll = this.settings.current.portalAppInitiated === 'show';
    return open
      .filter((app) => this.leadsSomewhere(app))
      .map(({ client }) => ({ client, opens: this.opens(client), usedAt: usedSince(client, used.get(client.id)) }))
      .filter(({ opens }) => opens || showAll)
      .toSorted((one, other) => other.usedAt - one.usedAt || order(one.client, other.client))
      .map(({ client: { id, name, metadata }, opens }) => ({ id, name, logoUri: metadata.logoUri, opens }));
  }

  /** Whoever may enter an app of roles and has none of them would be sent back at the door. */
  private leadsSomewhere({ client, roles }: OpenApp): boolean {
    const opener = this.templates.of(client);
    return opener === undefined ? client.metadata.template === null : rolesFor(opener, { roles }).length > 0;
  }

  /** By third-party-initiated login, or because there is a page of the app to go to; by its template, if that opens any. */
  private opens(client: Client): boolean {
    const { ssoInitiator } = client.metadata;
    const opener = this.templates.of(client);
    if (opener !== undefined && opener.template.open === undefined) return false;
    return ssoInitiator === 'portal_and_app' && launchDestination(client, { issuer: this.config.issuer }) !== undefined;
  }
}

/** Those whose name or id has the text in it, whatever its case and width. */
export function appsMatching(apps: readonly PortalApp[], text: string): readonly PortalApp[] {
  const wanted = comparable(text);
  return apps.filter(({ name, id }) => comparable(name).includes(wanted) || comparable(id).includes(wanted));
}

function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim();
}

/** Epoch milliseconds, 0 for never: an earlier app of the same id was another app. */
function usedSince(client: Client, usedAt: Date | undefined): number {
  return usedAt !== undefined && client.existedAt(usedAt) ? usedAt.getTime() : 0;
}
