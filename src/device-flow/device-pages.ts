import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Account } from '../accounts/account-store.js';
import { AppAccounts } from '../app-accounts/app-accounts.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageSender } from '../http/page-sender.js';
import { formSubject } from '../interaction/form-subject.js';
import { accountIdentity, appIdentity } from '../interaction/identities.js';
import { MESSAGES } from '../ui/messages.js';
import { NoticePage } from '../ui/notice.page.js';
import { ConfirmDevicePage } from './confirm-device.page.js';
import type { Decided } from './device-decision.js';
import type { PendingDevice } from './device-code-store.js';
import { DeviceScopes } from './device-scopes.js';
import { EnterCodePage, type EnterCodePageProps } from './enter-code.page.js';
import { shownUserCode } from './user-code.js';

/** Where people enter the code that their device shows. */
export const DEVICE_PATH = '/device';

/**
 * What the CSRF token of a form is about: entering a code, or answering for this one code; and the person whom the page
 * named, so that nobody answers for somebody else.
 *
 * @param userCode eight letters; absent on the form that asks for one
 */
export function deviceFormSubject(userCode: string | undefined, account: Account | undefined): string {
  return formSubject(userCode === undefined ? 'device' : `device ${userCode}`, account);
}

/** To come back to the same code as somebody else. */
function otherAccountPath(userCode: string | undefined): string {
  const code = userCode === undefined ? '' : `&user_code=${shownUserCode(userCode)}`;
  return `${DEVICE_PATH}?account=other${code}`;
}

/** Shows the pages of the device flow, each form with what ties it to this browser and this person. */
@Injectable()
export class DevicePages {
  constructor(
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly scopes: DeviceScopes,
    private readonly appAccounts: AppAccounts,
    private readonly config: ClinchConfig,
  ) {}

  enterCode(
    request: ClinchRequest,
    response: Response,
    account: Account,
    props: Pick<EnterCodePageProps, 'typed' | 'error'> = { typed: '' },
    status = 200,
  ): void {
    if (props.error?.retryAfterSeconds !== undefined) {
      response.set('Retry-After', String(props.error.retryAfterSeconds));
    }
    const page = EnterCodePage({ ...this.frame(request, response, account), ...props });
    this.pages.send(response, status, page, { postsToUs: true });
  }

  async confirm(
    request: ClinchRequest,
    response: Response,
    account: Account,
    device: PendingDevice,
    client: Client,
  ): Promise<void> {
    const { scopes, api, customScopes } = await this.scopes.toAgreeTo(device, client);
    const appAccounts = await this.appAccounts.choicesOf(account, client);
    const page = ConfirmDevicePage({
      ...this.frame(request, response, account, device.userCode),
      app: appIdentity(client),
      userCode: shownUserCode(device.userCode),
      address: device.address,
      requestedAt: device.createdAt,
      now: new Date(),
      scopes,
      appAccounts,
      ...(api === undefined ? {} : { api }),
      customScopes,
    });
    this.pages.send(response, 200, page, { postsToUs: true });
  }

  decided(request: ClinchRequest, response: Response, { outcome, app }: Decided): void {
    const frame = this.pages.frame(request);
    const words = MESSAGES[frame.locale].device;
    const said = {
      allow: { title: words.allowedTitle, body: words.allowedBody(app) },
      deny: { title: words.deniedTitle, body: words.deniedBody(app) },
      over: { title: words.overTitle, body: words.overBody },
    }[outcome];
    this.pages.send(response, outcome === 'over' ? 409 : 200, NoticePage({ ...frame, ...said }));
  }

  private frame(request: ClinchRequest, response: Response, account: Account, userCode?: string) {
    const browser = this.csrf.ensureBrowser(request, response);
    return {
      ...this.pages.frame(request),
      action: this.config.basePath + DEVICE_PATH,
      account: accountIdentity(account),
      otherAccountHref: this.config.basePath + otherAccountPath(userCode),
      csrfToken: this.csrf.token(browser, deviceFormSubject(userCode, account)),
    };
  }
}
