// The peer's own sign-in and consent pages: the least that does the job.
import { verify } from '@node-rs/argon2';

const bare = (title, content) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>
${content}</body></html>`;
const page = (title, form) => bare(title, `<form method="post">${form}</form>`);

const LOGIN = page(
  'Sign in',
  `<label>Name <input name="username" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button>`,
);
const CONSENT = page(
  'Allow access',
  `<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button>`,
);

/** The device flow's two pages: oidc-provider hands over the form, which its own buttons refer to by its id. */
export async function confirmDevice(ctx, form, _client, _deviceInfo, userCode) {
  ctx.body = bare(
    'Let this device in?',
    `<p>${userCode}</p>${form}<button form="op.deviceConfirmForm">Allow</button>
<button form="op.deviceConfirmForm" name="abort" value="yes">Deny</button>`,
  );
}

export async function deviceDone(ctx) {
  ctx.body = bare('Done', '<p>You can close this page.</p>');
}

/** @param {import('node:http').IncomingMessage} req */
async function readForm(req) {
  const parts = [];
  for await (const part of req) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

/**
 * @param {import('oidc-provider').default} provider
 * @param {(username: string) => Promise<{id: string, password_hash: string} | undefined>} findByName
 * @returns {(req: import('node:http').IncomingMessage, res: import('node:http').ServerResponse) => Promise<void>}
 */
export function makePages(provider, findByName) {
  const show = (res, status, html) => {
    res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
  };

  const login = async (req, res, form) => {
    const account = await findByName(form.get('username') ?? '');
    if (!account || !(await verify(account.password_hash, form.get('password') ?? ''))) return show(res, 401, LOGIN);
    const result = { login: { accountId: account.id } };
    await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  };

  const consent = async (req, res, form, details) => {
    if (form.get('decision') !== 'allow') {
      await provider.interactionFinished(req, res, { error: 'access_denied' }, { mergeWithLastSubmission: false });
      return;
    }
    const { session, params, prompt, grantId } = details;
    const grant =
      (grantId && (await provider.Grant.find(grantId))) ||
      new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
    if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
    for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
      grant.addResourceScope(resource, scopes.join(' '));
    }
    const result = { consent: { grantId: await grant.save() } };
    await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
  };

  return async (req, res) => {
    const details = await provider.interactionDetails(req, res);
    const isLogin = details.prompt.name === 'login';
    if (req.method === 'GET') return show(res, 200, isLogin ? LOGIN : CONSENT);
    const form = await readForm(req);
    await (isLogin ? login(req, res, form) : consent(req, res, form, details));
  };
}
