import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';
import type { SignedInPerson } from './sample-app-sessions.js';

export interface HomeProps {
  readonly issuer: string;
  readonly clientId: string;
  readonly person: SignedInPerson | undefined;
  readonly signedOutElsewhere: boolean;
}

export interface ErrorProps {
  readonly error: string;
  readonly description: string | undefined;
  /** What to look for in the log of the app. */
  readonly reference?: string;
}

/** The only page that matters: a link to sign in, or who is signed in and how the app knows. */
export function homePage(app: string, { issuer, clientId, person, signedOutElsewhere }: HomeProps): string {
  return page(
    app,
    person ? (
      <SignedIn app={app} person={person} />
    ) : (
      <main>
        <h1>{app}</h1>
        <p class="lead">You are not signed in here.</p>
        {signedOutElsewhere ? (
          <p>You signed out elsewhere, and the provider has told this app: your session here is over.</p>
        ) : null}
        <p>
          <a class="button" href="/login">
            Sign in
          </a>
        </p>
        <MoreWays />
        <p class="quiet">
          This app knows the issuer <code>{issuer}</code> and its own client id <code>{clientId}</code>.
        </p>
      </main>
    ),
  );
}

/** Where the provider sends people who have signed out. */
export function signedOutPage(app: string): string {
  return page(
    app,
    <main>
      <h1>{app}</h1>
      <p class="lead">You are signed out, here and at the provider.</p>
      <p>The provider tells the other apps that you were signed in to.</p>
      <p>
        <a class="button" href="/login">
          Sign in again
        </a>{' '}
        <a href="/">Back to the start</a>
      </p>
    </main>,
  );
}

/** What went wrong, in the provider's own words and in ours. */
export function errorPage(app: string, { error, description, reference }: ErrorProps): string {
  return page(
    app,
    <main>
      <h1>That did not work</h1>
      <div class="fault" role="alert">
        <p>
          <code>{error}</code>
        </p>
        {description ? <p>{description}</p> : null}
      </div>
      {reference ? (
        <p class="quiet">
          In this app's log it is number <code>{reference}</code>.
        </p>
      ) : null}
      <p>
        <a class="button" href="/login">
          Try again
        </a>{' '}
        <a href="/">Back to the start</a>
      </p>
    </main>,
  );
}

function SignedIn({ app, person }: { app: string; person: SignedInPerson }) {
  const [header = '', payload = ''] = person.idToken.split('.');
  const name = text(person.userinfo.name ?? person.claims.name ?? person.claims.sub);
  return (
    <main>
      <h1>{app}</h1>
      <p class="lead">
        Signed in as <strong>{name}</strong>
      </p>
      <form method="post" action="/sign-out">
        <button class="button" type="submit">
          Sign out
        </button>
        <span class="quiet"> here, at the provider, and in the other apps that you opened from there</span>
      </form>
      <form method="post" action="/forget">
        <button class="button" type="submit">
          Forget me here
        </button>
        <span class="quiet"> ends this app's session only; you stay signed in at the provider</span>
      </form>
      {person.refreshToken ? (
        <form method="post" action="/refresh">
          <button class="button" type="submit">
            Refresh
          </button>
          <span class="quiet"> exchanges the refresh token for new tokens, and asks userinfo again</span>
        </form>
      ) : null}
      <h2>What userinfo says</h2>
      <Claims of={person.userinfo} />
      <h2>What the id_token says</h2>
      <Claims of={person.claims} />
      <h2>The id_token as it came</h2>
      <p class="quiet">
        Granted scope: <code>{person.scope}</code>
      </p>
      <h3>Header</h3>
      <pre tabIndex={0}>{decoded(header)}</pre>
      <h3>Payload</h3>
      <pre tabIndex={0}>{decoded(payload)}</pre>
      <MoreWays />
    </main>
  );
}

function MoreWays() {
  return (
    <p class="quiet">
      Other ways to ask: <a href="/login?prompt=login">with the password again</a> ·{' '}
      <a href="/login?prompt=none">without any page</a> · <a href="/login?ui_locales=zh-CN">in Chinese</a> ·{' '}
      <a href="/login?ui_locales=en">in English</a>
    </p>
  );
}

function Claims({ of: claims }: { of: Readonly<Record<string, unknown>> }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Claim</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(claims).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{isObject(value) ? <Parts of={value} /> : readable(name, value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Parts({ of: parts }: { of: object }) {
  return (
    <dl>
      {Object.entries(parts).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

// Seconds since 1970, which nobody reads.
const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at']);

function readable(claim: string, value: unknown): string {
  if (typeof value !== 'number' || !TIMES.has(claim)) return text(value);
  return `${value}, which is ${new Date(value * 1000).toISOString()}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function decoded(part: string): string {
  return JSON.stringify(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')), null, 2);
}

function page(app: string, content: ComponentChildren): string {
  return `<!doctype html>${render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{app}</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>{content}</body>
    </html>,
  )}`;
}

export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #faf9f7; --panel: #ffffff; --ink: #1f2328; --quiet: #5c636b; --line: #e1dfda; --mark: #0f6b52; --on-mark: #ffffff;
  --fault: #a3261b; --fault-ground: #fdf1ef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181a; --panel: #1e2124; --ink: #e9eaea; --quiet: #a2a8ae; --line: #363b40; --mark: #5ec8a6; --on-mark: #0b2019;
    --fault: #ff9d92; --fault-ground: #2c1c1a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif;
}
main { max-width: 46rem; margin: 0 auto; padding: 3.5rem 1.25rem 4rem; }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -0.01em; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.1rem; }
h3 { margin: 1.25rem 0 0.4rem; font-size: 0.9rem; color: var(--quiet); }
.lead { margin: 0.5rem 0 1.5rem; font-size: 1.15rem; }
.quiet { color: var(--quiet); font-size: 0.9rem; }
a { color: var(--mark); }
.button {
  display: inline-block; padding: 0.6rem 1.15rem; border: 0; border-radius: 0.5rem; background: var(--mark); color: var(--on-mark);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; margin-right: 0.5rem;
}
form + form { margin-top: 0.6rem; }
.button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.6rem; background: var(--panel); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.55rem 0.9rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-top: 0; color: var(--quiet); font-size: 0.8rem; font-weight: 600; }
tbody th { width: 13rem; font-weight: 400; white-space: nowrap; }
td { white-space: pre-line; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.875em; }
pre { margin: 0; padding: 0.9rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 0.6rem; background: var(--panel); }
dl { margin: 0; }
dl div { display: flex; flex-wrap: wrap; gap: 0 0.75rem; }
dt { min-width: 8rem; color: var(--quiet); font-size: 0.9rem; }
dd { margin: 0; }
.fault { margin: 1.25rem 0; padding: 0.4rem 1.1rem; border-left: 4px solid var(--fault); border-radius: 0.3rem; background: var(--fault-ground); }
.fault code { color: var(--fault); font-size: 1rem; font-weight: 600; }
@media (max-width: 32rem) {
  main { padding-top: 2rem; }
  th, td { padding: 0.5rem 0.6rem; }
  tbody th { width: 1%; }
  tbody th code { font-size: 0.8rem; }
  dl div { display: block; }
  dt { min-width: 0; }
  form .quiet { display: block; }
  .quiet, .button { margin-top: 0.35rem; }
}
`;
