// GET userinfo with a bearer token.
import { describe } from '../lib/browser.mjs';

/** @type {import('./index.mjs').Workload} */
export const userinfo = {
  title: 'userinfo, GET with a bearer token',
  prepare: (user) => user.obtainToken(),
  run: async (user) => {
    const answer = await user.connection.request('GET', user.userinfoPath, user.bearer);
    if (answer.status !== 200) throw new Error(`userinfo answered ${describe(answer)}`);
    const claims = JSON.parse(answer.body);
    if (claims.sub !== user.expected.sub || claims.email !== user.expected.email) {
      throw new Error('userinfo answered for someone else');
    }
  },
};
