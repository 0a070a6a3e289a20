// The invariants, looked at after the fault: what was acknowledged holds, what was spent or revoked stays so.
import { REDIRECT_URI } from '../../bench/lib/settings.mjs';
import { basicOf } from '../../bench/lib/virtual-user.mjs';
import { Client } from './client.mjs';

const AT_ONCE = 8;

/**
 * @param {import('./installation.mjs').Installation} installation
 * @param {import('./journal.mjs').Chain[]} chains
 * @param {{refreshFirst?: boolean}} [how]
 */
export async function verify(installation, chains, { graceIsOver = true } = {}) {
  const client = new Client(installation.issuer, undefined, AT_ONCE);
  const basic = (chain) => basicOf(installation.seed.apps[chain.app]);
  const found = {
    accessTokens: 0,
    lost: 0,
    refreshTokens: 0,
    revokedAlive: 0,
    codesTwice: 0,
    oldAlive: 0,
    doubleSpent: 0,
    unexpected: [],
  };
  const live = chains.filter(({ revoked, unsure }) => !revoked && !unsure);
  const active = async (chain, token) =>
    (await client.post('/oidc/introspect', basic(chain), { token, token_type_hint: 'access_token' })).json.active ===
    true;

  await inTurns(chains, async (chain) => {
    for (const successors of chain.successors.values()) if (successors.size > 1) found.doubleSpent++;
    if (chain.unsure) return;
    for (const token of chain.accessTokens) {
      found.accessTokens++;
      const is = await active(chain, token);
      if (is && chain.revoked) found.revokedAlive++;
      if (!is && !chain.revoked) {
        found.lost++;
        found.unexpected.push('an acknowledged access token is not active');
      }
    }
  });
  const refresh = (chain, token) =>
    client.post('/oidc/token', basic(chain), { grant_type: 'refresh_token', refresh_token: token });
  await inTurns(
    live.filter(({ refreshTokens }) => refreshTokens.length > 0),
    async (chain) => {
      found.refreshTokens++;
      const answer = await refresh(chain, chain.refreshTokens.at(-1));
      if (answer.status === 200) return;
      found.lost++;
      found.unexpected.push(`the newest refresh token was answered ${answer.status} ${answer.body.slice(0, 120)}`);
    },
  );
  await inTurns(
    chains.filter(({ accessTokens }) => accessTokens.length > 0),
    async (chain) => {
      const { code, verifier } = chain;
      const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT_URI };
      const answer = await client.post('/oidc/token', basic(chain), form);
      if (answer.json.error === 'invalid_grant') return;
      found.codesTwice++;
      found.unexpected.push(`a spent code was answered ${answer.status} ${answer.body.slice(0, 120)}`);
    },
  );
  if (graceIsOver) {
    await inTurns(
      chains.filter(({ refreshTokens }) => refreshTokens.length > 2),
      async (chain) => {
        const answer = await refresh(chain, chain.refreshTokens[0]);
        if (answer.json.error === 'invalid_grant') return;
        found.oldAlive++;
        found.unexpected.push(`a spent refresh token was answered ${answer.status} ${answer.body.slice(0, 120)}`);
      },
    );
  }
  await client.close();
  return found;
}

async function inTurns(items, work) {
  let next = 0;
  const one = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/**
 * Says what was found, beside the aims that all drills share.
 * @param {import('./drill.mjs').Drill} drill
 * @param {Awaited<ReturnType<typeof verify>>} found
 */
export function tellFound(drill, found, { exactly, told }) {
  drill.figure('access tokens that were acknowledged and asked for again', found.accessTokens, told());
  drill.figure('newest refresh tokens that were tried', found.refreshTokens, told());
  drill.figure('acknowledged tokens lost', found.lost, exactly(0));
  drill.figure('refresh tokens with two successors', found.doubleSpent, exactly(0));
  drill.figure('codes spent twice', found.codesTwice, exactly(0));
  drill.figure('old refresh tokens that were taken again', found.oldAlive, exactly(0));
  drill.figure('revoked tokens that live', found.revokedAlive, exactly(0));
  for (const text of [...new Set(found.unexpected)].slice(0, 3)) drill.note(text);
}
