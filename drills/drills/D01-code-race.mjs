// A thousand codes, each redeemed ten times at once over two nodes (RFC 6749 §4.1.2); on SQLite over one.
import { atMost, exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { Outcomes, Race } from '../lib/race.mjs';
import { Visitor } from '../lib/visitor.mjs';

const CODES = 1_000;
const LIMIT_S = 20;

async function raceOn(drill, database) {
  const installation = await Installation.start(drill, { database, nodes: database === 'pg' ? 2 : 1 });
  const visitor = new Visitor(installation);
  const race = new Race(installation);
  await race.warm();
  const rounds = drill.count(CODES);
  const outcomes = new Outcomes();
  let notOne = 0;
  let racing = 0;
  for (let round = 0; round < rounds; round++) {
    const form = await visitor.code('web');
    const begun = performance.now();
    const answers = await race.token(round, visitor.basic('web'), form);
    racing += performance.now() - begun;
    for (const answer of answers) outcomes.add(answer);
    if (answers.filter(({ status }) => status === 200).length !== 1) notOne++;
  }
  await visitor.close();
  await race.close();
  const name = database === 'pg' ? 'two nodes on PostgreSQL' : 'one node on SQLite';
  drill.figure(`${name}: codes`, rounds, told());
  drill.figure(`${name}: answers 200`, outcomes.of('200'), exactly(rounds));
  drill.figure(`${name}: answers 400 invalid_grant`, outcomes.of('400 invalid_grant'), exactly(rounds * 9));
  drill.figure(`${name}: codes without exactly one winner`, notOne, exactly(0));
  drill.figure(`${name}: answers of 500 or more`, outcomes.faults, exactly(0));
  drill.figure(
    `${name}: time of the races`,
    racing / 1000,
    drill.scale < 0.5 ? told() : atMost(LIMIT_S * drill.scale),
    's',
  );
  const log = installation.logs();
  drill.figure(`${name}: serialization failures in the log`, log.split('40001').length - 1, exactly(0));
  for (const node of installation.nodes) await node.stop();
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D01',
  title: 'One code redeemed ten times at once',
  minutes: '2',
  async run(drill) {
    for (const database of ['pg', 'sqlite']) {
      if ((drill.wantedDatabase ?? database) === database) await raceOn(drill, database);
    }
  },
};
