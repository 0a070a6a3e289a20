import { describe, expect, it } from 'vitest';
import { renderPage } from '../../ui/render.js';
import { MESSAGES } from '../../ui/messages.js';
import { InAppPage, type InAppPageProps } from './in-app.page.js';

const HOSTILE = '"><script>alert(1)</script>';

function page(differences: Partial<InAppPageProps> = {}): string {
  const props = {
    locale: 'en' as const,
    stylesheetHref: '/s.css',
    app: { name: 'Expenses' },
    scriptHref: '/assets/in-app.js',
    corpId: 'dingcorp0001',
    clientId: 'dingclient',
    action: '/dingtalk/acme/in-app',
    nonce: 'the-nonce',
    csrfToken: 'the-token',
    otherWayHref: '/dingtalk/acme/begin?interaction=i',
    cancelledHref: '/login?interaction=i&stay=1&notice=cancelled',
  };
  return renderPage(<InAppPage {...props} {...differences} />);
}

describe('the waiting page', () => {
  it.each(['en', 'zh-CN'] as const)('says in %s what happens, and has a way round it', (locale) => {
    const html = page({ locale });
    const words = MESSAGES[locale].inApp;
    for (const text of [words.heading, words.body, words.otherWay]) expect(html).toContain(text);
    expect(html).toContain('href="/dingtalk/acme/begin?interaction=i"');
    expect(html).toContain('lang="' + locale);
  });

  it('gives its script what it needs, and no markup comes of it', () => {
    const html = page({ corpId: HOSTILE, clientId: HOSTILE, app: { name: HOSTILE } });
    expect(html).not.toContain('<script>');
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain('data-nonce="the-nonce"');
    expect(html).toContain('data-cancelled="/login?interaction=i&amp;stay=1&amp;notice=cancelled"');
  });
});
