import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../ui/render.js';
import { FORM_POST_SCRIPT, FORM_POST_SCRIPT_HASH, FormPostPage } from './form-post.page.js';

function formPost(redirectUri = 'https://app.example/cb', parameters: Record<string, string> = {}): string {
  return renderPage(
    <FormPostPage locale="en" stylesheetHref="/a.css" redirectUri={redirectUri} parameters={parameters} />,
  );
}

describe('OAuth 2.0 Form Post Response Mode §2', () => {
  it('posts the response parameters to the redirect URI as hidden inputs', () => {
    const html = formPost('https://app.example/cb?tenant=1&x=2', { code: 'c-1', state: 'a"b<c' });
    expect(html).toMatch(/<form [^>]*method="post" action="https:\/\/app\.example\/cb\?tenant=1&amp;x=2"/);
    expect(html).toContain('<input type="hidden" name="code" value="c-1"');
    expect(html).toContain('<input type="hidden" name="state" value="a&quot;b&lt;c"');
  });

  it('has one form and no other named control', () => {
    const html = formPost('https://app.example/cb', { code: 'c-1' });
    expect(html.match(/<form/g)).toHaveLength(1);
    expect(html.match(/\sname="(?!viewport|robots|color-scheme)/g)).toHaveLength(1);
  });

  it('can be sent by hand where scripts are off', () => {
    expect(formPost()).toMatch(/<button [^>]*type="submit"[^>]*>Continue<\/button>/);
  });

  it('says where it leads', () => {
    expect(formPost()).toContain('app.example.');
    expect(formPost('com.example.app:/cb')).toContain('back to the app.');
  });
});

describe('the Content-Security-Policy of the form post page', () => {
  it('allows by its hash the one script that is on the page, to the letter', () => {
    const scripts = [
      ...formPost('https://app.example/cb', { state: '</script><script>alert(1)</script>' }).matchAll(
        /<script>(.*?)<\/script>/gs,
      ),
    ];
    expect(scripts.map((match) => match[1])).toEqual([FORM_POST_SCRIPT]);
    const hash = createHash('sha256')
      .update(scripts[0]?.[1] ?? '')
      .digest('base64');
    expect(FORM_POST_SCRIPT_HASH).toBe(`'sha256-${hash}'`);
  });

  it('need allow no inline style and no event handler', () => {
    expect(formPost()).not.toMatch(/<style|\sstyle=|\son[a-z]+=/i);
  });
});
