import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { visitorOf } from '../http/visitor.js';
import { BrowserSession } from '../session/browser-session.js';
import { continueUrl } from './continue-url.js';
import { InteractionStore } from './interaction-store.js';
import type { OpenInteraction } from './interactions.js';
import { SINGLE_FACTOR_ACR } from './password-sign-in.js';

/** Somebody has proved who they are, in one of the ways that there are. */
export interface ProvenPerson {
  readonly accountId: string;
  /** Taken before the proof was looked at: what ends the person's sign-ins meanwhile ends this one. */
  readonly authTime: Date;
  /** RFC 8176 authentication methods, or names of our own where none of those is true. */
  readonly amr: readonly string[];
  /** For the audit. */
  readonly method: string;
  readonly source?: string;
}

/** What follows a proof, whoever gave it: the session, the note on what waits, and the way on. */
@Injectable()
export class SignIns {
  constructor(
    private readonly sessions: BrowserSession,
    private readonly store: InteractionStore,
    private readonly audit: AuditLog,
    private readonly config: ClinchConfig,
  ) {}

  /** Begins a session in this browser, for what waits in it. @returns where the browser goes next */
  async complete(
    request: ClinchRequest,
    response: Response,
    open: OpenInteraction,
    { accountId, authTime, amr, method, source }: ProvenPerson,
  ): Promise<string> {
    const proof = { authTime, acr: SINGLE_FACTOR_ACR, amr };
    const session = await this.sessions.signIn(request, response, accountId, proof);
    this.audit.record(
      'sign_in.succeeded',
      { ...visitorOf(request), accountId },
      { method, ...(source === undefined ? {} : { source }), sid: session.id },
    );
    await this.store.signIn(open.interaction.id, open.browser, session.id);
    return this.onward(open);
  }

  /**
   * To the dispatcher with an app's request; to the page itself where one of ours was waiting. Nothing is spent by that:
   * a second press of the button, or the way back to the sign-in page, ends at the same page.
   */
  onward({ interaction, client }: OpenInteraction): string {
    if (client !== undefined) return continueUrl(this.config, interaction.id);
    return this.config.url(interaction.request.page);
  }
}
