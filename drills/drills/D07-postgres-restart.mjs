// PostgreSQL is restarted under load: gently, at once, and gone for half a minute.
import { setTimeout as sleep } from 'node:timers/promises';
import { answersWithin, conclude, firstSuccess } from '../lib/conclude.mjs';
import { atMost, exactly } from '../lib/drill.mjs';
import { Installation, statusOf } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const AWAY_S = 30;

/** Asks /livez and /readyz four times a second until told to stop. */
function watch(node) {
  const seen = { dead: 0, ready: 0, asked: 0 };
  let going = true;
  const loop = (async () => {
    while (going) {
      const [live, ready] = await Promise.all(['/livez', '/readyz'].map((path) => statusOf(node.url + path)));
      seen.asked++;
      if (live !== 200) seen.dead++;
      if (ready === 200) seen.ready++;
      await sleep(250);
    }
  })();
  return async () => {
    going = false;
    await loop;
    return seen;
  };
}

async function restart(drill, installation, load, name, mode, awayMs) {
  const { postgres, nodes } = installation;
  drill.say(name);
  const begun = Date.now();
  await postgres.stop(mode);
  const stopped = Date.now();
  const watched = watch(nodes[0]);
  await sleep(awayMs);
  const seen = await watched();
  await postgres.start();
  const back = Date.now();
  const recovered = await firstSuccess(load, back);
  const within = answersWithin(load, begun, back + recovered * 1000);
  drill.figure(`${name}: first good answer after its return`, recovered, atMost(2), 's');
  drill.figure(`${name}: errors other than 503`, within.otherErrors, exactly(0));
  drill.figure(`${name}: 503 without Retry-After`, within.notWithRetryAfter, exactly(0));
  drill.figure(`${name}: requests without an answer`, within.noAnswer, exactly(0));
  drill.figure(`${name}: slowest answer`, within.slowest, atMost(6), 's');
  if (awayMs >= 1_000) {
    drill.figure(`${name}: /livez other than 200`, seen.dead, exactly(0));
    drill.figure(`${name}: /readyz 200 while it was away`, seen.ready, atMost(1));
  }
  drill.note(
    `${name}: away for ${((back - stopped) / 1000).toFixed(1)} s, ${within.all} answers until it was well again`,
  );
  await sleep(3_000);
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D07',
  title: 'PostgreSQL restarted under load',
  minutes: '2',
  async run(drill) {
    const installation = await Installation.start(drill, { nodes: 1 });
    const load = new MixedLoad(drill, installation, { actors: 20, pauseMs: 100 });
    await load.start();
    await sleep(3_000);
    await restart(drill, installation, load, 'fast', 'fast', 0);
    await restart(drill, installation, load, 'immediate', 'immediate', 0);
    await restart(drill, installation, load, 'away', 'fast', drill.seconds(AWAY_S) * 1000);
    drill.figure('the process lives', installation.nodes[0].alive, exactly(true));
    await conclude(drill, installation, load, { faultsLogged: true });
  },
};
