/**
 * A web app that signs people in with OpenID Connect, as a developer would write one: it knows the issuer, its client id,
 * and the port it listens on (ISSUER, CLIENT_ID, PORT, or the arguments in that order; CLIENT_SECRET if it has one).
 * The protocol is the work of `openid-client`; what is here is the part every app writes itself.
 */
import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import * as oidc from 'openid-client';
import { readForm, readLogoutToken } from './sample-app-logout.js';
import { SampleAppSessions, type SignedInPerson } from './sample-app-sessions.js';
import { STYLESHEET, errorPage, homePage, signedOutPage } from './sample-web-app.page.js';

const [issuer = process.env.ISSUER, clientId = process.env.CLIENT_ID, port = process.env.PORT ?? '3001'] =
  process.argv.slice(2);
if (!issuer || !clientId) {
  process.stderr.write('Usage: ISSUER=http://localhost:3000 CLIENT_ID=… PORT=3001 node sample-web-app.js\n');
  process.exit(2);
}

const PROVIDER_ORIGIN = new URL(issuer).origin;
const ORIGIN = `http://localhost:${port}`;
const SCOPE = 'openid profile email phone address';
const APP_NAME = process.env.APP_NAME ?? 'Sample web app';
// Parameters that a link of the page may add, to show what they do.
const OPTIONAL_PARAMETERS = ['prompt', 'ui_locales', 'login_hint', 'max_age', 'acr_values', 'claims'];

// The port is in the cookie's name because cookies of one host are sent to all its ports: to Clinch, and to other apps.
const sessions = new SampleAppSessions(`sample_app_${port}`);

let discovered: Promise<oidc.Configuration> | undefined;

/** Reads the issuer's metadata once; a failed try is not kept, so that the next sign-in tries again. */
function configuration(server: string, client: string): Promise<oidc.Configuration> {
  const secret = process.env.CLIENT_SECRET;
  // The signature of each id_token is checked too, not only where it came from.
  const execute = [oidc.enableNonRepudiationChecks];
  if (new URL(server).protocol === 'http:') execute.push(oidc.allowInsecureRequests);
  const authentication = secret ? oidc.ClientSecretBasic(secret) : oidc.None();
  discovered ??= oidc
    .discovery(new URL(server), client, undefined, authentication, { execute })
    .catch((error: unknown) => {
      discovered = undefined;
      throw error;
    });
  return discovered;
}

async function signIn(config: oidc.Configuration, url: URL, request: IncomingMessage, response: ServerResponse) {
  const codeVerifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  sessions.openOrStart(request, response).expect(state, { codeVerifier, nonce });
  const asked = OPTIONAL_PARAMETERS.flatMap((name) => url.searchParams.getAll(name).map((value) => [name, value]));
  const address = oidc.buildAuthorizationUrl(config, {
    ...Object.fromEntries(asked),
    redirect_uri: `${ORIGIN}/callback`,
    scope: SCOPE,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  });
  redirect(response, address.href);
}

async function callback(config: oidc.Configuration, url: URL, request: IncomingMessage, response: ServerResponse) {
  const state = url.searchParams.get('state') ?? '';
  const expected = sessions.open(request)?.take(state);
  if (!expected) {
    const html = errorPage(APP_NAME, {
      error: 'unknown_state',
      description: 'This answer belongs to no sign-in that was started in this browser, or to one that was finished.',
    });
    return send(response, 400, html);
  }
  const tokens = await oidc.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: expected.codeVerifier,
    expectedState: state,
    expectedNonce: expected.nonce,
    idTokenExpected: true,
  });
  const person = await personOf(config, tokens);
  // A new session for the signed-in person: a cookie somebody planted before must not become theirs.
  sessions.start(response).person = person;
  redirect(response, '/');
}

/** Exchanges the refresh token (OpenID Connect Core 1.0 §12): new tokens, and what is true of the person now. */
async function refresh(config: oidc.Configuration, request: IncomingMessage, response: ServerResponse) {
  const session = sessions.open(request);
  const known = session?.person;
  if (session && known?.refreshToken) {
    const tokens = await oidc.refreshTokenGrant(config, known.refreshToken);
    const refreshToken = tokens.refresh_token ?? known.refreshToken;
    // At once: the old one has been spent, whatever comes of the rest.
    session.person = { ...known, refreshToken };
    const person = await personOf(config, tokens);
    if (person.claims.sub !== known.claims.sub) throw new Error('the new tokens are about somebody else');
    session.person = { ...person, refreshToken };
  }
  redirect(response, '/');
}

/** Ends this app's session, and gives back the refresh token: nobody else would. */
async function forget(server: string, client: string, request: IncomingMessage, response: ServerResponse) {
  const refreshToken = sessions.open(request)?.person?.refreshToken;
  sessions.forget(request, response);
  if (refreshToken) await oidc.tokenRevocation(await configuration(server, client), refreshToken);
  redirect(response, '/');
}

/** Ends this app's session and the provider's, and with that what the person has in other apps (RP-Initiated Logout 1.0 §2). */
async function signOut(config: oidc.Configuration, request: IncomingMessage, response: ServerResponse) {
  const person = sessions.open(request)?.person;
  sessions.forget(request, response);
  const address = oidc.buildEndSessionUrl(config, {
    post_logout_redirect_uri: `${ORIGIN}/signed-out`,
    ...(person ? { id_token_hint: person.idToken } : {}),
  });
  redirect(response, address.href);
}

/** What the provider calls when somebody has signed out elsewhere (Back-Channel Logout 1.0 §2.5 to §2.8). */
async function backChannelLogout(config: oidc.Configuration, request: IncomingMessage, response: ServerResponse) {
  response.setHeader('cache-control', 'no-store');
  try {
    const form = await readForm(request);
    const ended = sessions.endAll(await readLogoutToken(form.get('logout_token') ?? '', config));
    process.stdout.write(`signed out elsewhere: ${ended} session(s) ended\n`);
    response.writeHead(200).end();
  } catch (error) {
    const description = error instanceof Error ? error.message : String(error);
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'invalid_request', error_description: description }));
  }
}

async function personOf(
  config: oidc.Configuration,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
): Promise<SignedInPerson> {
  const claims = tokens.claims();
  if (!claims || !tokens.id_token) throw new Error('the token answer holds no id_token');
  const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  const { id_token: idToken, scope = SCOPE, refresh_token: refreshToken } = tokens;
  return { claims, userinfo, idToken, scope, refreshToken };
}

async function handle(server: string, client: string, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', ORIGIN);
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /':
      return send(
        response,
        200,
        homePage(APP_NAME, {
          issuer: server,
          clientId: client,
          person: sessions.open(request)?.person,
          signedOutElsewhere: sessions.open(request)?.signedOutElsewhere ?? false,
        }),
      );
    case 'GET /style.css':
      return send(response, 200, STYLESHEET, 'text/css');
    case 'GET /login':
      return signIn(await configuration(server, client), url, request, response);
    case 'GET /callback':
      return callback(await configuration(server, client), url, request, response);
    case 'POST /refresh':
      return refresh(await configuration(server, client), request, response);
    case 'POST /sign-out':
      return signOut(await configuration(server, client), request, response);
    case 'GET /signed-out':
      return send(response, 200, signedOutPage(APP_NAME));
    case 'POST /backchannel-logout':
      return backChannelLogout(await configuration(server, client), request, response);
    case 'POST /forget':
      return forget(server, client, request, response);
    default:
      return send(
        response,
        404,
        errorPage(APP_NAME, { error: 'not_found', description: `There is no ${url.pathname} here.` }),
      );
  }
}

function send(response: ServerResponse, status: number, body: string, type = 'text/html'): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy':
      // The form that signs out leads to the provider.
      `default-src 'none'; style-src 'self'; form-action 'self' ${PROVIDER_ORIGIN}; base-uri 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(body);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}

/** The page for what the provider, or the library that checks it, said; with a reference to find it in the log. */
function fail(response: ServerResponse, thrown: unknown): void {
  const reference = randomBytes(4).toString('hex');
  process.stderr.write(`${reference} ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  if (response.headersSent) return void response.end();
  if (thrown instanceof oidc.AuthorizationResponseError || thrown instanceof oidc.ResponseBodyError) {
    return send(
      response,
      400,
      errorPage(APP_NAME, { error: thrown.error, description: thrown.error_description, reference }),
    );
  }
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'sign_in_failed';
  const description = thrown instanceof Error ? thrown.message : String(thrown);
  send(response, 502, errorPage(APP_NAME, { error: code, description, reference }));
}

const server = createServer((request, response) => {
  handle(issuer, clientId, request, response).catch((error: unknown) => fail(response, error));
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`${APP_NAME} listens on ${ORIGIN}\n`));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
