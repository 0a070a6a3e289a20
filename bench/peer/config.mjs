// How oidc-provider is set up for the comparison (see bench/README.md, "The peer").
import { API, LIFETIMES, SCOPE } from '../lib/settings.mjs';
import { confirmDevice, deviceDone } from './pages.mjs';

/** Introspection and revocation: an app's own tokens. */
const isOwn = async (_ctx, client, token) => token.clientId === client.clientId;

/**
 * @param {object} given
 * @param {any[]} given.clients
 * @param {{keys: any[]}} given.jwks private keys
 * @param {string[]} given.cookieKeys
 * @param {string} given.resource asking for it turns the access token into a JWT
 * @param {string} given.ownGrants the client whose every code has a grant of its own, so that its tokens can be revoked one by one
 * @param {any} given.adapter
 * @param {(id: string) => Promise<Record<string, unknown> | undefined>} given.claimsOf
 */
export function makeConfig({ clients, jwks, cookieKeys, resource, ownGrants, adapter, claimsOf }) {
  return {
    adapter,
    clients,
    jwks,
    cookies: { keys: cookieKeys },
    claims: {
      openid: ['sub'],
      profile: ['name', 'updated_at'],
      email: ['email', 'email_verified'],
    },
    pkce: { required: () => true },
    ttl: {
      AccessToken: LIFETIMES.accessToken,
      AuthorizationCode: LIFETIMES.code,
      ClientCredentials: LIFETIMES.accessToken,
      DeviceCode: 600,
      Grant: LIFETIMES.session,
      IdToken: LIFETIMES.idToken,
      Interaction: 3600,
      RefreshToken: LIFETIMES.session,
      Session: LIFETIMES.session,
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, userCodeConfirmSource: confirmDevice, successSource: deviceDone },
      introspection: { enabled: true, allowedPolicy: isOwn },
      revocation: { enabled: true, allowedPolicy: isOwn },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async () => ({
          scope: API.scope,
          audience: resource,
          accessTokenTTL: LIFETIMES.accessToken,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    // The app is first-party: no consent page unless prompt=consent asks for one (the recipe of its documentation).
    loadExistingGrant: async (ctx) => {
      const { client, session, result, provider } = ctx.oidc;
      const known = client.clientId === ownGrants ? undefined : session.grantIdFor(client.clientId);
      const grantId = result?.consent?.grantId ?? known;
      if (grantId) return provider.Grant.find(grantId);
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(SCOPE);
      await grant.save();
      return grant;
    },
    findAccount: async (_ctx, id) => {
      const claims = await claimsOf(id);
      return claims && { accountId: id, claims: async () => ({ ...claims, sub: id }) };
    },
  };
}
