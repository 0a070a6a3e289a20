/** A page as a browser without scripts sees it. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

const MOST_REDIRECTS = 20;

/**
 * A browser for pages that need no script: follows redirects, keeps cookies, submits forms. It speaks to programs of this
 * machine only, so its cookies know no domains: like a real one's, those of localhost go to every port.
 */
export class FormBrowser {
  private readonly cookies = new Map<string, string>();

  forgetCookies(): void {
    this.cookies.clear();
  }

  /** Opens an address and follows where it leads. Throws after 20 redirects. */
  async open(address: string, init: RequestInit = {}): Promise<Page> {
    let url = address;
    let request = init;
    for (let hop = 0; hop < MOST_REDIRECTS; hop += 1) {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { ...request, redirect: 'manual', headers: { accept: 'text/html', cookie } });
      this.keepCookies(answer);
      const location = answer.headers.get('location');
      if (!location) return { url, status: answer.status, html: await answer.text() };
      await answer.body?.cancel();
      url = new URL(location, url).href;
      request = {};
    }
    throw new Error(`more than ${MOST_REDIRECTS} redirects from ${address}`);
  }

  /** Fills in and submits the form that has these fields or buttons. Throws when the page has no such form. */
  async submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const forms = [...page.html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)];
    const form = forms.find(([, , inside = '']) =>
      Object.keys(fields).every((name) => inside.includes(`name="${name}"`)),
    );
    if (!form) throw new Error(`no form with ${Object.keys(fields).join(', ')} on ${page.url}:\n${page.html}`);
    const [, attributes = '', inside = ''] = form;
    const body = new URLSearchParams();
    for (const [input] of inside.matchAll(/<input\b[^>]*>/g)) {
      if (attribute(input, 'type') === 'hidden') body.append(attribute(input, 'name'), attribute(input, 'value'));
    }
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const action = new URL(attribute(attributes, 'action') || page.url, page.url).href;
    return this.open(action, { method: 'POST', body });
  }

  private keepCookies(answer: Response): void {
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const ended = value === '' || attributes.some((text) => /^\s*max-age=0$/i.test(text));
      if (ended) this.cookies.delete(name.trim());
      else this.cookies.set(name.trim(), value);
    }
  }
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  return value
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
