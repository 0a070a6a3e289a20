import { ClientEntity } from './client.entity.js';

/** An app as it is when nothing was said: the owner's lifetimes (seconds), and the safe side of every switch. */
export function newClientEntity(clientId: string, clientName: string): ClientEntity {
  const now = new Date();
  return Object.assign(new ClientEntity(), {
    clientId,
    clientName,
    enabled: true,
    applicationType: 'web',
    redirectUris: [],
    postLogoutRedirectUris: [],
    grantTypes: ['authorization_code'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    scope: 'openid profile email',
    jwks: null,
    jwksUri: null,
    logoUri: null,
    clientUri: null,
    policyUri: null,
    tosUri: null,
    contacts: [],
    initiateLoginUri: null,
    backchannelLogoutUri: null,
    backchannelLogoutSessionRequired: false,
    idTokenSignedResponseAlg: 'RS256',
    defaultMaxAge: null,
    requireAuthTime: false,
    defaultAcrValues: [],
    requirePkce: true,
    codeChallengeMethods: ['S256'],
    requireConsent: false,
    authorizationCodeLifetime: 60,
    accessTokenLifetime: 7_200,
    idTokenLifetime: 36_000,
    refreshTokenLifetime: 2_592_000,
    refreshTokenIdleLifetime: null,
    access: 'everyone',
    ssoInitiator: 'app',
    version: 1,
    createdAt: now,
    updatedAt: now,
  } satisfies ClientEntity);
}
