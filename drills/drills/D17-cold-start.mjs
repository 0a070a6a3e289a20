// Three nodes started at once on an empty database, twenty times.
import { atMost, exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';

const ROUNDS = 20;
const NODES = 3;
const READY_S = 15;

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D17',
  title: 'Three nodes started at once on an empty database',
  minutes: '3',
  async run(drill) {
    const installation = await Installation.start(drill, { nodes: NODES, seeded: false });
    const { postgres, nodes } = installation;
    const rounds = drill.count(ROUNDS);
    const bad = { starts: 0, keySets: 0, operators: 0, migrations: 0 };
    let slowest = 0;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(nodes.map((node) => node.stop()));
      await postgres.query('DROP DATABASE clinch WITH (FORCE)', 'postgres');
      await postgres.createDatabase();
      const begun = Date.now();
      const starts = await Promise.allSettled(nodes.map((node) => node.start()));
      slowest = Math.max(slowest, (Date.now() - begun) / 1000);
      bad.starts += starts.filter(({ status }) => status === 'rejected').length;
      const sets = await Promise.all(nodes.map(async ({ url }) => (await fetch(`${url}/oidc/jwks`)).text()));
      if (new Set(sets).size !== 1) bad.keySets++;
      const [{ secrets, names, migrations }] = await postgres.query(
        `SELECT (SELECT COUNT(*)::int FROM client_secrets) AS secrets, COUNT(DISTINCT name)::int AS names,
           COUNT(*)::int AS migrations FROM migrations`,
      );
      if (secrets !== 1) bad.operators++;
      if (names !== migrations) bad.migrations++;
      drill.say(`round ${round + 1} of ${rounds}`);
    }
    drill.figure('rounds', rounds, told());
    drill.figure('nodes that did not start', bad.starts, exactly(0));
    drill.figure('rounds with more than one key set', bad.keySets, exactly(0));
    drill.figure('rounds without exactly one secret of the operators’ app', bad.operators, exactly(0));
    drill.figure('rounds with a migration that was recorded twice', bad.migrations, exactly(0));
    drill.figure('slowest start of all three', slowest, atMost(READY_S), 's');
  },
};
