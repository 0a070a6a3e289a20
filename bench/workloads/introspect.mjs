// An app asks about an access token that a person gave it. One request.
import { describe } from '../lib/browser.mjs';
import { NotOffered, isRefusal } from '../lib/offered.mjs';

/** @type {import('./index.mjs').Workload} */
export const introspect = {
  title: 'introspection of an access token by the confidential app that has it, 1 request',
  needs: { endpoint: 'introspection_endpoint' },
  // The token that userinfo takes: oidc-provider has no record of its JWT access tokens and introspects opaque ones only.
  prepare: (user) => user.obtainToken(),
  run: async (user) => {
    const path = new URL(user.world.metadata.introspection_endpoint).pathname;
    const answer = await user.postAs('web', path, { token: user.accessToken, token_type_hint: 'access_token' });
    if (isRefusal(answer)) throw new NotOffered(`${path} answered ${describe(answer)}`);
    if (answer.status !== 200) throw new Error(`introspection answered ${describe(answer)}`);
    const { active, sub, client_id: clientId } = JSON.parse(answer.body);
    if (active !== true) throw new Error('introspection says that a good token is not active');
    if (sub !== user.expected.sub || clientId !== user.world.seed.apps.web.id) {
      throw new Error('introspection answered for another token');
    }
  },
};
