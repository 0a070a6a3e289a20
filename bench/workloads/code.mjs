// The signed-in person's app asks again: authorize with a session, then the exchange. Two requests.

/** @type {import('./index.mjs').Workload} */
export const code = {
  title: 'code flow with a session: authorize (PKCE S256) + token exchange, 2 requests',
  prepare: async (user) => void (await user.codeFlow({ person: user.nextPerson() })),
  run: async (user) => void (await user.codeFlow()),
};
