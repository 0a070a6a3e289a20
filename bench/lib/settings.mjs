// What both servers are given alike, so that they are asked for the same work.
export const REDIRECT_URI = 'https://app.example/cb';
export const SCOPE = 'openid profile email';

/** Neither side issues refresh tokens in the workloads that exist today; add `refresh_token` on both sides together. */
export const GRANT_TYPES = ['authorization_code'];
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
