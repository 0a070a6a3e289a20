import { Injectable } from '@nestjs/common';
import { grantsThatHandOut } from '../app-templates/handing-out.js';
import { ClientList } from '../app-registry/client-list.js';
import type { Client } from '../app-registry/client.js';
import { consoleAccount, type ConsoleAccount } from './console-account.js';

/** Whose tokens one RAM role should take. */
export interface RoleAudience {
  /** The client ids for `oidc:aud`, in order. None where the only apps of this provider must stay out. */
  readonly clientIds: readonly string[];
  /** The apps that let in only who has a certain role of theirs. */
  readonly guards: readonly string[];
  /** The apps that must not be put beside those, because they hand tokens out. */
  readonly leftOut: readonly string[];
}

/** A RAM role as one app has it. */
interface Sharer {
  readonly app: Client;
  readonly account: ConsoleAccount;
  readonly isGuarded: boolean;
}

/**
 * Several apps can lead to one RAM role, as the console and the command line do, and that has one trust policy: it names all of
 * them. RAM sees tokens and not people, so where one app keeps the role for some, no app stands beside it whose tokens others
 * hold.
 */
@Injectable()
export class RoleAudiences {
  constructor(private readonly apps: ClientList) {}

  /** @returns for each role of the app, by its name */
  async of(app: Client): Promise<ReadonlyMap<string, RoleAudience>> {
    const { template } = app.metadata;
    const all = [...(await this.apps.byId()).values()];
    const others = all.filter(({ id, metadata }) => id !== app.id && metadata.template === template);
    const known = [app, ...others].map((each) => ({
      app: each,
      account: consoleAccount(each.metadata.templateSettings ?? {}),
    }));
    const own = consoleAccount(app.metadata.templateSettings ?? {});
    const roles = own.roles.map(({ name }) => name);
    return new Map(roles.map((name) => [name, audience(own, sharersOf(known, own.accountId, name))]));
  }
}

/** What hands out JWTs that are signed as id tokens are and have this app as their audience. */
export function waysOut({ metadata }: Client): string[] {
  const logout = metadata.backchannelLogoutUri === null ? [] : ['backchannel_logout_uri'];
  return [...grantsThatHandOut(metadata), ...logout];
}

/** RAM does not tell names apart that differ in case only. */
function sharersOf(known: readonly Omit<Sharer, 'isGuarded'>[], accountId: string, role: string): Sharer[] {
  return known.flatMap(({ app, account }) => {
    const same = account.roles.filter(({ name }) => name.toLowerCase() === role.toLowerCase());
    if (account.accountId !== accountId || same.length === 0) return [];
    return [{ app, account, isGuarded: same.some(({ appRole }) => appRole !== null) }];
  });
}

function audience({ oidcProvider }: ConsoleAccount, sharers: readonly Sharer[]): RoleAudience {
  const guards = idsOf(sharers.filter(({ isGuarded }) => isGuarded));
  // Whichever provider of RAM they come by: it is one role.
  const leftOut = guards.length === 0 ? [] : idsOf(sharers.filter(({ app }) => waysOut(app).length > 0));
  // One that is switched off gets no new tokens, and those that are out are to be worth nothing.
  const here = idsOf(sharers.filter(({ app, account }) => app.enabled && account.oidcProvider === oidcProvider));
  return { clientIds: here.filter((id) => !leftOut.includes(id)), guards, leftOut };
}

function idsOf(sharers: readonly Sharer[]): string[] {
  return sharers.map(({ app }) => app.id).toSorted();
}
