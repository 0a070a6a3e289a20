import { describe, expect, it } from 'vitest';
import { AccountBadge, AppBadge, AppLinks } from './controls.js';
import { ErrorPage } from './error.page.js';
import { MESSAGES } from './messages.js';
import type { Locale } from './messages.js';
import { NoticePage } from './notice.page.js';
import { renderPage } from './render.js';

const HOSTILE = '<script>alert(1)</script>';
const LOCALES = Object.keys(MESSAGES) as Locale[];

function errorPage(overrides: Partial<Parameters<typeof ErrorPage>[0]> = {}): string {
  return renderPage(
    <ErrorPage
      locale="en"
      stylesheetHref="/assets/clinch.css"
      title="Something broke"
      explanation="It broke."
      advice="Try again."
      traceId="4bf92f3577b34da6"
      {...overrides}
    />,
  );
}

describe('the error page', () => {
  it('says what happened, what to do, and the trace id', () => {
    const html = errorPage();
    expect(html).toContain('It broke.');
    expect(html).toContain('Try again.');
    expect(html).toContain('<code class="trace">4bf92f3577b34da6</code>');
  });

  it('shows the time in UTC, readable by person and machine', () => {
    const html = errorPage({ occurredAt: new Date('2025-03-04T05:06:07.089Z') });
    expect(html).toContain('<time datetime="2025-03-04T05:06:07.089Z">2025-03-04 05:06:07 UTC</time>');
  });

  it('shows the OAuth error code only when there is one', () => {
    expect(errorPage({ code: 'invalid_request' })).toContain('<code>invalid_request</code>');
    expect(errorPage()).not.toContain('Error code');
  });

  it('has no link except the one home', () => {
    expect(errorPage({ explanation: 'https://evil.example/' })).not.toContain('<a ');
    expect(errorPage({ homeHref: '/' }).match(/<a /g)).toHaveLength(1);
  });

  it('renders whatever it is told as text', () => {
    const html = errorPage({ title: HOSTILE, explanation: HOSTILE, code: HOSTILE, traceId: HOSTILE, appName: HOSTILE });
    expect(html).not.toContain('<script');
  });
});

describe('every page', () => {
  it.each(LOCALES)('is a whole document in its language, %s', (locale) => {
    const words = MESSAGES[locale].device;
    const html = renderPage(
      <NoticePage locale={locale} stylesheetHref="/a.css" title={words.overTitle} body={words.overBody} />,
    );
    expect(html).toMatch(new RegExp(`^<!doctype html><html lang="${locale}">`));
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1"');
    expect(html).toContain('<meta name="robots" content="noindex"');
    expect(html).toContain('<link rel="stylesheet" href="/a.css"');
    expect(html).toContain('<main');
    expect(html).toContain(words.overBody);
  });

  it('carries nothing that a closed Content-Security-Policy would refuse', () => {
    const html = errorPage({ appName: 'Expenses', homeHref: '/', code: 'invalid_request' });
    expect(html).not.toMatch(/<style|<script|\sstyle=|\son[a-z]+=/i);
  });
});

describe('the app badge', () => {
  it('shows the first letter of the name when there is no logo', () => {
    expect(renderPage(<AppBadge app={{ name: 'expenses' }} />)).toMatch(/aria-hidden="true">E<\/span>/);
  });

  it('shows the logo without telling its host which page asked', () => {
    const html = renderPage(<AppBadge app={{ name: 'Expenses', logoUri: 'https://cdn.example/logo.png' }} />);
    expect(html).toContain('src="https://cdn.example/logo.png"');
    expect(html).toContain('referrerpolicy="no-referrer"');
  });

  it('does not take a whole character apart', () => {
    expect(renderPage(<AppBadge app={{ name: '👩‍🚀 Space' }} />)).toContain('>👩‍🚀</span>');
  });
});

describe("the app's links", () => {
  it('open beside the page and give the app no handle on it', () => {
    const html = renderPage(<AppLinks locale="en" app={{ name: 'A', policyUri: 'https://a.example/privacy' }} />);
    expect(html).toContain('href="https://a.example/privacy" target="_blank" rel="noreferrer noopener"');
  });

  it('leave out an address that is not of the web', () => {
    expect(renderPage(<AppLinks locale="en" app={{ name: 'A', tosUri: 'javascript:alert(1)' }} />)).not.toContain('<a');
  });
});

describe('the account badge', () => {
  it.each([
    ['欧阳小伟', '小伟'],
    ['王芳', '王芳'],
    ['Ada Byron Lovelace', 'AL'],
    ['ada', 'A'],
    ['', '?'],
  ])('abbreviates %s to %s', (displayName, initials) => {
    const html = renderPage(<AccountBadge locale="en" account={{ displayName, username: 'u' }} />);
    expect(html).toContain(`aria-hidden="true">${initials}</span>`);
  });
});

describe('the Chinese catalogue', () => {
  it('leaves a gap between Han and Latin, and none between Han and Han', () => {
    const { destination } = MESSAGES['zh-CN'].login;
    expect(destination('Grafana')).toBe('登录后将进入 Grafana。');
    expect(destination('费控中心')).toBe('登录后将进入费控中心。');
    expect(MESSAGES['zh-CN'].selectAccount.continueAs('Ada')).toBe('以 Ada 的身份继续');
  });

  it('rounds a waiting time up to whole minutes', () => {
    expect(MESSAGES['zh-CN'].login.tooManyAttemptsFor(61)).toContain('2 分钟');
    expect(MESSAGES.en.login.tooManyAttemptsFor(60)).toContain('1 minute.');
    expect(MESSAGES.en.login.tooManyAttemptsFor(45)).toContain('45 seconds.');
  });
});
