import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { OPEN_ELSEWHERE_PATH } from '../dingtalk/sign-in/browser-scripts.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageSender } from '../http/page-sender.js';
import { appIdentity } from '../interaction/identities.js';
import type { SignedIn } from '../session/session-store.js';
import { MESSAGES } from '../ui/messages.js';
import { NoticePage } from '../ui/notice.page.js';
import { HANDOVER_PATH } from './handover.controller.js';
import { HandoverStore } from './handover-store.js';
import { launchPath, type LaunchRequest } from './launch-request.js';
import { OpeningElsewherePage } from './opening-elsewhere.page.js';

/** The two ends of a launch that are pages of ours. */
@Injectable()
export class LaunchPages {
  constructor(
    private readonly handovers: HandoverStore,
    private readonly pages: PageSender,
    private readonly config: ClinchConfig,
  ) {}

  /** For an app that has no page on the web. */
  openDirectly(request: ClinchRequest, response: Response, { name }: Client): void {
    const frame = this.pages.frame(request);
    const words = MESSAGES[frame.locale].launch;
    const said = { title: words.openDirectlyTitle(name), body: words.openDirectlyBody(name) };
    this.pages.send(response, 200, NoticePage({ ...frame, ...said }));
  }

  /** Inside DingTalk, for an app that belongs into the system's own browser: with a code for the session. */
  async openElsewhere(
    request: ClinchRequest,
    response: Response,
    client: Client,
    { targetLinkUri, role }: LaunchRequest,
    { session, account }: SignedIn,
  ): Promise<void> {
    const page = launchPath(client.id, { targetLinkUri, role });
    const place = { sessionId: session.id, accountId: account.id, clientId: client.id, page };
    const code = await this.handovers.begin(place);
    const { basePath } = this.config;
    const shown = OpeningElsewherePage({
      ...this.pages.frame(request),
      app: appIdentity(client),
      elsewhereHref: inSystemBrowser(`${this.config.url(HANDOVER_PATH)}?code=${code}`),
      hereHref: basePath + page,
      scriptHref: basePath + OPEN_ELSEWHERE_PATH,
    });
    this.pages.send(response, 200, shown, { scripts: [this.config.url(OPEN_ELSEWHERE_PATH)] });
  }
}

/** DingTalk's own link for it: `pc_slide=false` means not in the panel within DingTalk. */
function inSystemBrowser(address: string): string {
  return `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(address)}&pc_slide=false`;
}
