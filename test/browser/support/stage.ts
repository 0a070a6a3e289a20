import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findChromium } from '../../../scripts/tools.mjs';
import { aPerson, type TestPerson } from '../../support/builders.js';
import { startClinch, type TestClinch } from '../../support/start-clinch.js';

const ARGUMENTS = [
  // In containers there is only root, for whom Chromium's sandbox does not start.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** Milliseconds; everything is on this machine. */
const PATIENCE = 10_000;

/** A real Chromium and a Clinch in this process. */
export class Stage {
  /** What Chromium said against a page's Content-Security-Policy, since the last `visit`. */
  readonly violations: string[] = [];

  private constructor(
    readonly browser: Browser,
    readonly clinch: TestClinch,
    readonly person: TestPerson,
  ) {}

  static async open(environment: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const executablePath = findChromium();
    if (executablePath === undefined)
      throw new Error('Chromium was not found. Get it: apt-get install chromium, or set CHROMIUM_PATH');
    const [browser, clinch] = await Promise.all([
      chromium.launch({ executablePath, args: ARGUMENTS }),
      startClinch(environment),
    ]);
    return new Stage(browser, clinch, await aPerson(clinch));
  }

  /** A tab of a browser that was never here before. */
  async visit(options: BrowserContextOptions = {}): Promise<Page> {
    this.violations.length = 0;
    const context = await this.browser.newContext({ locale: 'en-GB', ...options });
    context.setDefaultTimeout(PATIENCE);
    context.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) this.violations.push(message.text());
    });
    return context.newPage();
  }

  /** Fills in the sign-in form that is on the page, and sends it. */
  async signIn(page: Page, password = this.person.password): Promise<void> {
    await page.locator('[name=username]').fill(this.person.username);
    await page.locator('[name=password]').fill(password);
    await page.locator('[type=submit]').click();
  }

  /** After each test, so that no browser's cookies are there for the next. */
  async closeVisits(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.clinch.stop();
  }
}
