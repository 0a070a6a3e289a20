import { type ApiCall, admit, textIn } from './api-route.js';
import type { SimulatorApp } from './app.js';
import { type Answer, json } from './exchange.js';
import { ApiRefusal } from './refusals.js';
import { TOKEN_LIFETIME_SECONDS, type UserGrant } from './tokens.js';
import type { World } from './world.js';

/** `POST /v1.0/oauth2/accessToken`: camelCase, with `expireIn`. */
export function appToken(request: ApiCall): Answer {
  const { world, body } = request;
  const app = authenticated(world, textIn(body, 'appKey'), textIn(body, 'appSecret'));
  admit(request, app, 'qyapi_base');
  return json({ accessToken: world.tokens.forApp(app), expireIn: TOKEN_LIFETIME_SECONDS });
}

/** `POST /v1.0/oauth2/{corpId}/token`: the same token in the spelling of OAuth. */
export function corpToken(request: ApiCall): Answer {
  const { world, body, segment: corpId } = request;
  if (!world.companies.some((company) => company.corpId === corpId)) {
    throw new ApiRefusal(500, 'unknownError', '未知错误');
  }
  if (textIn(body, 'grant_type') !== 'client_credentials') {
    throw new ApiRefusal(400, 'unsupported.grant.type', 'grant_type is not supported');
  }
  const app = world.authenticate(textIn(body, 'client_id'), textIn(body, 'client_secret'));
  if (!app) throw new ApiRefusal(400, 'invalid.client', 'client_id or client_secret is invalid');
  if (app.corpId !== corpId) throw new ApiRefusal(401, 'unauthorized.client', 'client is not authorized by the corp');
  admit(request, app, 'qyapi_base');
  return json({ access_token: world.tokens.forApp(app), expires_in: TOKEN_LIFETIME_SECONDS });
}

/** `POST /v1.0/oauth2/userAccessToken`: a browser's code, or a refresh token, for a user token. */
export function userToken(request: ApiCall): Answer {
  const { world, body } = request;
  const app = authenticated(world, textIn(body, 'clientId'), textIn(body, 'clientSecret'));
  // A caller whose address is not listed is told that its code is wrong: so it was reported from the field.
  if (!app.egressAllowed) throw badCode();
  admit(request, app, 'open_app_api_base');
  const grant = redeem(world, app, body);
  const corpId = grant.corpId === undefined ? {} : { corpId: grant.corpId };
  return json({ ...world.tokens.forUser(grant), expireIn: TOKEN_LIFETIME_SECONDS, ...corpId });
}

function redeem(world: World, { clientId }: SimulatorApp, body: ApiCall['body']): UserGrant {
  const grantType = textIn(body, 'grantType');
  if (grantType === 'authorization_code') {
    const grant = world.codes.browser.redeem(textIn(body, 'code'), clientId);
    if (grant) return grant;
    throw badCode();
  }
  if (grantType !== 'refresh_token') throw new ApiRefusal(400, 'invalidParameter.grantType', '不合法的grantType');
  const grant = world.tokens.refreshGrant(textIn(body, 'refreshToken'));
  if (grant?.clientId === clientId) return grant;
  throw new ApiRefusal(400, 'invalidParameter.refreshToken.notFound', '不合法的refreshToken');
}

function badCode(): ApiRefusal {
  return new ApiRefusal(400, 'invalidParameter.authCode.notFound', '不合法的临时授权码');
}

function authenticated(world: World, clientId: string, clientSecret: string): SimulatorApp {
  const app = world.authenticate(clientId, clientSecret);
  if (!app) throw new ApiRefusal(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret');
  return app;
}
