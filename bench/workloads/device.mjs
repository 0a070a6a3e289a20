// A device asks to be let in, a person who is signed in says yes on the page, the device fetches its tokens.
import { describe } from '../lib/browser.mjs';
import { NotOffered, isRefusal } from '../lib/offered.mjs';
import { DEVICE_GRANT, SCOPE } from '../lib/settings.mjs';

/** @type {import('./index.mjs').Workload} */
export const device = {
  title: 'device flow: device authorization, the page with a session and its "allow", token; requests: see the table',
  needs: { app: 'device', grant: DEVICE_GRANT, endpoint: 'device_authorization_endpoint' },
  prepare: async (user) => void (await user.codeFlow({ person: user.nextPerson() })),
  run: async (user) => {
    const { metadata, seed } = user.world;
    const path = new URL(metadata.device_authorization_endpoint).pathname;
    const answer = await user.postAs('device', path, { scope: SCOPE, ...seed.jwtParameters });
    if (isRefusal(answer)) throw new NotOffered(`${path} answered ${describe(answer)}`);
    if (answer.status !== 200) throw new Error(`device authorization answered ${describe(answer)}`);
    const { device_code: deviceCode, verification_uri_complete: page } = JSON.parse(answer.body);
    await user.browser.approveDevice(new URL(page));
    const parameters = { grant_type: DEVICE_GRANT, device_code: deviceCode, ...seed.jwtParameters };
    await user.tokens('device', parameters);
  },
};
