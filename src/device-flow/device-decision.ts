import { Injectable } from '@nestjs/common';
import { undecided } from '../access/access-decision.js';
import { AccessPolicy } from '../access/access-policy.js';
import { AppAccounts } from '../app-accounts/app-accounts.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { PageError } from '../http/page-error.js';
import { ConsentStore } from '../interaction/consent-store.js';
import { refusedPage } from '../interaction/identities.js';
import type { SignedIn } from '../session/session-store.js';
import { DeviceScopes } from './device-scopes.js';
import { DeviceCodeStore, type Decision, type PendingDevice } from './device-code-store.js';

/** How it stands after somebody has pressed a button. */
export interface Decided {
  /** `over`: somebody was faster, or the code has expired. */
  readonly outcome: Decision | 'over';
  /** The app's name. */
  readonly app: string;
}

/** A person lets a device in, or does not. Either is final. */
@Injectable()
export class DeviceDecision {
  constructor(
    private readonly codes: DeviceCodeStore,
    private readonly registry: ClientRegistry,
    private readonly access: AccessPolicy,
    private readonly appAccounts: AppAccounts,
    private readonly consents: ConsentStore,
    private readonly scopes: DeviceScopes,
    private readonly audit: AuditLog,
  ) {}

  /** @throws {PageError} when the app of the device is gone or switched off */
  async clientOf({ clientId }: Pick<PendingDevice, 'clientId'>): Promise<Client> {
    const client = await this.registry.find(clientId);
    if (client === undefined) throw new PageError('unknown_app');
    if (!client.enabled) throw new PageError('app_disabled');
    return client;
  }

  /**
   * @param userCode eight letters
   * @param how.address that the browser's request came from
   * @param how.appAccountId of the name in the app that was chosen, where there are several
   * @throws {PageError} app_disabled, unknown_app; access_denied, and with that the device is refused; invalid_request,
   *   when there was a choice to make and none was made
   * @throws {OAuthError} temporarily_unavailable, when a rule of the app cannot be asked just now: nothing is decided then
   */
  async allow(
    userCode: string,
    signedIn: SignedIn,
    from: Actor,
    { address, appAccountId }: { readonly address: string; readonly appAccountId: string | undefined },
  ): Promise<Decided> {
    const device = await this.codes.findPending(userCode);
    if (device === undefined) return this.lost(userCode, 'allow', signedIn);
    const client = await this.clientOf(device);
    const actor = { ...from, clientId: client.id, accountId: signedIn.account.id };
    const request = { endpoint: 'device', address, amr: signedIn.session.amr } as const;
    const decision = await this.access.decide(signedIn.account, client, request);
    const notNow = undecided(decision);
    if (notNow !== undefined) throw notNow;
    if (!decision.allowed) {
      await this.codes.decide(userCode, 'deny', signedIn.session);
      this.audit.record('access.refused', actor, { grantId: device.grantId });
      throw refusedPage(client, signedIn.account);
    }
    const { scopes: scope } = await this.scopes.toAgreeTo(device, client);
    const chosenId = await this.chosen(signedIn, client, appAccountId);
    const details = { grantId: device.grantId, scope, sid: signedIn.session.id };
    const note = this.audit.noting('device.allowed', actor, details);
    const decided = await this.codes.decide(userCode, 'allow', signedIn.session, chosenId, note);
    if (!decided) return this.lost(userCode, 'allow', signedIn);
    if (chosenId !== undefined) await this.appAccounts.chosen(chosenId, signedIn.account, client);
    await this.consents.add(signedIn.account.id, client, scope);
    return { outcome: 'allow', app: client.name };
  }

  /** @param userCode eight letters */
  async deny(userCode: string, signedIn: SignedIn, from: Actor): Promise<Decided> {
    const device = await this.codes.findPending(userCode);
    if (device === undefined) return this.lost(userCode, 'deny', signedIn);
    const actor = { ...from, clientId: device.clientId, accountId: signedIn.account.id };
    const note = this.audit.noting('device.denied', actor, { grantId: device.grantId });
    if (!(await this.codes.decide(userCode, 'deny', signedIn.session, undefined, note))) {
      return this.lost(userCode, 'deny', signedIn);
    }
    return { outcome: 'deny', app: await this.nameOf(device.clientId) };
  }

  /** The name that the device will be let in under; undefined where the person has none by hand. */
  private async chosen({ account }: SignedIn, client: Client, wanted: string | undefined): Promise<string | undefined> {
    const choices = await this.appAccounts.choicesOf(account, client);
    if (choices.length < 2) return choices[0]?.id;
    const chosen = choices.find(({ id }) => id === wanted);
    if (chosen === undefined)
      throw new PageError('invalid_request', { hint: 'none of the names in the app was chosen' });
    return chosen.id;
  }

  /** Who presses a button twice sees what the first press has done; everybody else, that it is over. */
  private async lost(userCode: string, wanted: Decision, { account }: SignedIn): Promise<Decided> {
    const made = await this.codes.findDecision(userCode);
    if (made?.accountId !== account.id || made.decision !== wanted) return { outcome: 'over', app: '' };
    return { outcome: made.decision, app: await this.nameOf(made.clientId) };
  }

  private async nameOf(clientId: string): Promise<string> {
    return (await this.registry.find(clientId))?.name ?? clientId;
  }
}
