import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { VNode } from 'preact';
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
import type { ClinchRequest } from './clinch-request.js';
import { errorWords, leadsHome, PageError } from './page-error.js';
import { pageHeaders, type PagePermissions } from './security-headers.js';

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

  private get brand(): Brand {
    return brandOf(this.settings.current, this.config.basePath);
  }
}
