import { DEFAULT_SIGNING_ALGORITHM } from '../protocol/signing-algorithm.js';
import { ClientEntity } from './client.entity.js';

/** Opened by its template: it needs no grant to be entered, and nobody proves to be it. */
const OF_TEMPLATE_APPS = {
  grantTypes: [],
  tokenEndpointAuthMethod: 'none',
  ssoInitiator: 'portal_and_app',
} satisfies Partial<ClientEntity>;

/**
 * An app as it is when nothing was said: the owner's lifetimes (seconds), and the safe side of every switch.
 *
 * @param template what was said of it, if anything
 */
export function newClientEntity(clientId: string, clientName: string, template?: string | null): ClientEntity {
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
    frontchannelLogoutUri: null,
    frontchannelLogoutSessionRequired: false,
    registrationDigest: null,
    idTokenSignedResponseAlg: DEFAULT_SIGNING_ALGORITHM,
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
    refreshTokenIssuance: 'offline_access',
    refreshTokenRotation: 'rotate',
    refreshTokenGrace: 10,
    apiAccess: [],
    access: 'everyone',
    accessRule: null,
    accessContact: null,
    idTokenClaims: [],
    subjectType: 'public',
    sectorIdentifierUri: null,
    subjectExpression: null,
    accountRule: 'none',
    accountExpression: null,
    requireAccount: false,
    permissionsDeclared: '',
    ssoInitiator: 'app',
    template: null,
    templateSettings: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...(template === undefined || template === null ? {} : OF_TEMPLATE_APPS),
  } satisfies ClientEntity);
}
