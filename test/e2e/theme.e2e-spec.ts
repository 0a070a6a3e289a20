import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, Settings, type SettingValues } from '../../src/settings/settings.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const THEME_LINK = /<link rel="stylesheet" href="([^"]*\/assets\/theme-[^"]+)"/;

let clinch: TestClinch;

beforeAll(async () => {
  clinch = await startClinch();
});

afterAll(() => clinch.stop());

afterEach(() => set({}));

async function set(values: Partial<SettingValues>): Promise<void> {
  await clinch.app.get(Settings).change({ ...DEFAULT_SETTINGS, ...values });
}

async function page(path: string): Promise<string> {
  const answer = await fetch(clinch.url + path, { headers: { Accept: 'text/html', 'Accept-Language': 'en' } });
  return answer.text();
}

const PAGES = [
  ['a page of our own', '/device'],
  ['an error page', '/oidc/authorize?client_id=nobody'],
  ['a page that is not there', '/nowhere'],
  ['the sign-in page of the console', '/admin/sign-in'],
] as const;

describe.each(PAGES)('%s', (_, path) => {
  it("is Clinch's own while nothing is set, with one stylesheet", async () => {
    const html = await page(path);
    expect(html).toContain(' · Clinch</title>');
    expect(html).toContain('<span>Clinch</span>');
    expect(html).not.toMatch(THEME_LINK);
    expect(html).not.toContain('Privacy notice');
  });

  it("is the company's once its name, logo, notice and colour are set", async () => {
    await set({
      companyName: 'Nordlicht',
      logoUri: 'https://nordlicht.example/logo.svg',
      privacyNoticeUri: 'https://nordlicht.example/privacy',
      accentColor: '#c8102e',
    });
    const html = await page(path);
    expect(html).toContain(' · Nordlicht</title>');
    expect(html).toContain('src="https://nordlicht.example/logo.svg" alt');
    expect(html).toContain('<span>Nordlicht</span>');
    expect(html).toContain('href="https://nordlicht.example/privacy"');
    expect(html).toMatch(THEME_LINK);
    expect(html).not.toContain('Clinch');
  });
});

describe("the company's colours", () => {
  it('come as a stylesheet that may be kept for good', async () => {
    await set({ accentColor: '#c8102e' });
    const path = THEME_LINK.exec(await page('/device'))?.[1] ?? '';
    const answer = await fetch(new URL(path, clinch.url));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await answer.text()).toContain('--accent: #c8102e;');
  });

  it.each(['c8102e', 'c8102e-0000000000', '%2e%2e', 'x'.repeat(300)])('are not to be had as %s', async (name) => {
    const answer = await fetch(`${clinch.url}/assets/theme-${name}.css`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('what an operator set', () => {
  it('is text on every page and never markup', async () => {
    await set({
      companyName: '<script>alert(1)</script>',
      logoUri: 'javascript:alert(1)',
      privacyNoticeUri: 'javascript:alert(1)',
    });
    const html = await page('/device');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('javascript:');
  });
});
