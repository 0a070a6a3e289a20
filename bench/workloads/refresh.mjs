// Every user has a refresh token and changes it for the next one, and that for the next. One request.

/** @type {import('./index.mjs').Workload} */
export const refresh = {
  title:
    'refresh with rotation, each user in a chain of its own: new refresh token, id_token, JWT access token; 1 request',
  needs: { app: 'refresh', grant: 'refresh_token' },
  prepare: async (user) => {
    const tokens = await user.codeFlow({ person: user.nextPerson(), app: 'refresh' });
    if (!tokens.refresh_token) throw new Error('the sign-in gave no refresh token');
    user.refreshToken = tokens.refresh_token;
  },
  run: async (user) => {
    const { refreshToken } = user;
    const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken, ...user.world.seed.jwtParameters };
    const tokens = await user.tokens('refresh', parameters);
    if (!tokens.refresh_token || tokens.refresh_token === refreshToken) throw new Error('the token was not rotated');
    user.refreshToken = tokens.refresh_token;
  },
};
