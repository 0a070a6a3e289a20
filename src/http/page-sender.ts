import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { VNode } from 'preact';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { OAuthError } from '../protocol/oauth-error.js';
import { Settings } from '../settings/settings.js';
import type { Brand } from '../ui/brand.js';
import { ErrorPage } from '../ui/error.page.js';
import { chooseLocale } from '../ui/locale.js';
import type { Locale } from '../ui/messages.js';
import { renderPage } from '../ui/render.js';
import { STYLESHEET_PATH } from '../ui/stylesheet.js';
import { brandOf } from './brand-of.js';
import { loggedPath, type ClinchRequest } from './clinch-request.js';
import { errorWords, leadsHome, PageError, situationOf } from './page-error.js';
import { pageHeaders, type PagePermissions } from './security-headers.js';
import { visitorOf } from './visitor.js';

/** Characters of an app's id as a request names it. */
const LONGEST_CLAIM = 64;

/** What every page is given. */
export interface PageFrame {
  readonly locale: Locale;
  readonly stylesheetHref: string;
}

/** Sends pages, with the headers that belong to every one of them. */
@Injectable()
export class PageSender {
  constructor(
    private readonly config: ClinchConfig,
    private readonly settings: Settings,
    private readonly audit: AuditLog,
  ) {}

  frame(request: ClinchRequest, uiLocales?: string): PageFrame {
    const locale = chooseLocale(uiLocales, request.get('accept-language'));
    return { locale, stylesheetHref: this.config.basePath + STYLESHEET_PATH };
  }

  send(response: Response, status: number, page: VNode, permissions: PagePermissions = {}): void {
    response.status(status).set(pageHeaders(this.config.secure, permissions)).send(renderPage(page, this.brand));
  }

  /** @param traceId of the request that went wrong, where that is another than this one */
  sendError(request: ClinchRequest, response: Response, error: OAuthError, traceId = request.traceId): void {
    this.note(request, error, traceId);
    const uiLocales = typeof request.query['ui_locales'] === 'string' ? request.query['ui_locales'] : undefined;
    const frame = this.frame(request, uiLocales);
    const words = errorWords(error, frame.locale);
    // The OAuth code of a page that is not there would say less than the page does.
    const code = error.status === 404 ? undefined : error.code;
    const { signInPath, signOutPath, contact, appName }: Partial<PageError> = error instanceof PageError ? error : {};
    const signInHref = signInPath === undefined ? undefined : this.config.basePath + signInPath;
    const signOutHref = signOutPath === undefined ? undefined : this.config.basePath + signOutPath;
    if (error.retryAfter !== undefined) response.set('Retry-After', String(error.retryAfter));
    const homeHref = leadsHome(error) ? `${this.config.basePath}/` : undefined;
    const ways = { signInHref, signOutHref, homeHref };
    this.send(response, error.status, ErrorPage({ ...frame, ...words, ...ways, contact, appName, code, traceId }));
  }

  /**
   * What a person met, so that it is found by what stands on the page. An address that leads nowhere is no event; nor is a
   * page that tells of another request, which was noted then.
   */
  private note(request: ClinchRequest, error: OAuthError, traceId: string): void {
    if (error.status === 404 || traceId !== request.traceId) return;
    const { code, status, hint } = error;
    const reason = situationOf(error);
    const asked = request.query['client_id'];
    const claimed = typeof asked === 'string' ? { claimedApp: asked.slice(0, LONGEST_CLAIM) } : {};
    const about = error instanceof PageError && error.appName !== undefined ? { appName: error.appName } : {};
    const details = { reason, code, status, hint, path: loggedPath(request), ...claimed, ...about };
    this.audit.record('page.refused', visitorOf(request), details);
  }

  private get brand(): Brand {
    return brandOf(this.settings.current, this.config.basePath);
  }
}
