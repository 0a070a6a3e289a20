// An app gives a refresh token back. One request; the tokens come from a pool that is filled before anything is measured.
import { describe } from '../lib/browser.mjs';
import { NotOffered, isRefusal } from '../lib/offered.mjs';

/** @type {import('./index.mjs').Workload} */
export const revoke = {
  title: 'revocation of a refresh token, each of a grant of its own, 1 request',
  needs: { app: 'revoke', grant: 'refresh_token', endpoint: 'revocation_endpoint' },
  prepare: async (user) => void (await user.codeFlow({ person: user.nextPerson(), app: 'revoke' })),
  mint: async (user) => {
    const { refresh_token: token } = await user.codeFlow({ app: 'revoke' });
    if (!token) throw new Error('the code exchange gave no refresh token');
    return token;
  },
  run: async (user, token) => {
    const path = new URL(user.world.metadata.revocation_endpoint).pathname;
    const answer = await user.postAs('revoke', path, { token, token_type_hint: 'refresh_token' });
    if (isRefusal(answer)) throw new NotOffered(`${path} answered ${describe(answer)}`);
    if (answer.status !== 200) throw new Error(`revocation answered ${describe(answer)}`);
  },
  // Revocation answers 200 for nonsense too (RFC 7009 §2.2), so it is tried whether the token is really dead.
  proof: async (user, token) => {
    const parameters = { grant_type: 'refresh_token', refresh_token: token, ...user.world.seed.jwtParameters };
    const answer = await user.postAs('revoke', user.tokenPath, parameters);
    if (answer.status !== 400 || JSON.parse(answer.body).error !== 'invalid_grant') {
      throw new Error(`a revoked refresh token was answered with ${describe(answer)}`);
    }
  },
};
