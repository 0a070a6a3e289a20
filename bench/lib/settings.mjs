// What both servers are given alike, so that they are asked for the same work.
export const REDIRECT_URI = 'https://app.example/cb';
export const SCOPE = 'openid profile email';

/** The API that tokens of client_credentials are for. */
export const API = { resource: 'https://api.example', scope: 'orders:read' };

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * The apps, the same on both sides: all confidential, each with no more than its workloads need. The app `web` gets no
 * refresh tokens anywhere; those that have the grant get one with every sign-in.
 * @type {Record<string, {grants: string[], api?: boolean}>}
 */
export const APPS = {
  web: { grants: ['authorization_code'] },
  refresh: { grants: ['authorization_code', 'refresh_token'] },
  revoke: { grants: ['authorization_code', 'refresh_token'] },
  service: { grants: ['client_credentials'], api: true },
  device: { grants: [DEVICE_GRANT] },
};
export const CLIENT_AUTH = 'client_secret_basic';
export const PEOPLE = 64;

/** argon2id, the same cost as Clinch's. */
export const ARGON2 = { memoryCost: 19456, timeCost: 2, parallelism: 1 };

export const LIFETIMES = { code: 60, accessToken: 7200, idToken: 36_000, session: 1_209_600 };

/** The target that all others are compared with. */
export const REFERENCE = 'oidcp-pg';

/** @param {string} password */
export function makePeople(password) {
  return Array.from({ length: PEOPLE }, (_, i) => ({
    username: `person${i}`,
    password,
    name: `Person ${i}`,
    email: `person${i}@example.com`,
  }));
}
