import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageSender } from '../http/page-sender.js';
import { seeOther } from '../http/see-other.js';
import type { AnswerAddress } from '../protocol/authorization-request.js';
import { formActionSources } from '../protocol/redirect-uri.js';
import { FORM_POST_SCRIPT_HASH, FormPostPage } from './form-post.page.js';

/** Sends the answer of an authorization request to the app, in the response mode that it asked for. */
@Injectable()
export class AuthorizationResponse {
  constructor(
    private readonly config: ClinchConfig,
    private readonly pages: PageSender,
  ) {}

  /**
   * @param parameters `code`, or `error` and `error_description`; `state` (unchanged) and `iss` (RFC 9207 §2) are
   * added to every answer
   */
  send(
    request: ClinchRequest,
    response: Response,
    address: AnswerAddress,
    parameters: Readonly<Record<string, string>>,
  ): void {
    const all = {
      ...parameters,
      ...(address.state === undefined ? {} : { state: address.state }),
      iss: this.config.issuer,
    };
    if (address.responseMode === 'form_post') this.sendForm(request, response, address, all);
    else seeOther(response, withParameters(address, all));
  }

  /** OAuth 2.0 Form Post Response Mode §2. */
  private sendForm(
    request: ClinchRequest,
    response: Response,
    { redirectUri, uiLocales }: AnswerAddress,
    parameters: Record<string, string>,
  ): void {
    const page = FormPostPage({ ...this.pages.frame(request, uiLocales), redirectUri, parameters });
    const formAction = formActionSources(redirectUri);
    this.pages.send(response, 200, page, { formAction, scripts: [FORM_POST_SCRIPT_HASH] });
  }
}

/** The redirect URI itself is left byte for byte as it was registered (RFC 6749 §3.1.2: its query is retained). */
function withParameters({ redirectUri, responseMode }: AnswerAddress, parameters: Record<string, string>): string {
  const encoded = new URLSearchParams(parameters).toString();
  if (responseMode === 'fragment') return `${redirectUri}#${encoded}`;
  return redirectUri + (redirectUri.includes('?') ? '&' : '?') + encoded;
}
