// Families of refresh tokens, each token refreshed ten times at once over two nodes, with and without a grace; and chains.
import { exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { Outcomes, Race } from '../lib/race.mjs';
import { Visitor } from '../lib/visitor.mjs';

const FAMILIES = 1_000;
const CHAINS = 20;
const GENERATIONS = 20;

const formOf = (token) => ({ grant_type: 'refresh_token', refresh_token: token });

/** The different refresh tokens among the answers. */
const successorsOf = (answers) =>
  new Set(answers.filter(({ status }) => status === 200).map(({ json }) => json.refresh_token));

async function withoutGrace(drill, race, visitor, families) {
  const outcomes = new Outcomes();
  let notOne = 0;
  for (let round = 0; round < families; round++) {
    const { refresh_token: token } = await visitor.tokens('strict');
    const answers = await race.token(round, visitor.basic('strict'), formOf(token));
    for (const answer of answers) outcomes.add(answer);
    if (answers.filter(({ status }) => status === 200).length !== 1) notOne++;
  }
  drill.figure('grace 0: families', families, told());
  drill.figure('grace 0: answers 200', outcomes.of('200'), exactly(families));
  drill.figure('grace 0: tokens without exactly one winner', notOne, exactly(0));
  drill.figure('grace 0: answers of 500 or more', outcomes.faults, exactly(0));
}

async function withGrace(drill, race, visitor, families) {
  const outcomes = new Outcomes();
  let notOne = 0;
  let lost = 0;
  for (let round = 0; round < families; round++) {
    const { refresh_token: token } = await visitor.tokens('refresh');
    const answers = await race.token(round, visitor.basic('refresh'), formOf(token));
    for (const answer of answers) outcomes.add(answer);
    const successors = successorsOf(answers);
    if (successors.size !== 1) notOne++;
    const again = await race.client(round).post('/oidc/token', visitor.basic('refresh'), formOf([...successors][0]));
    if (again.status !== 200) lost++;
  }
  drill.figure('grace 10 s: families', families, told());
  drill.figure('grace 10 s: answers 200', outcomes.of('200'), exactly(families * 10));
  drill.figure('grace 10 s: tokens with other than one successor', notOne, exactly(0));
  drill.figure('grace 10 s: families lost', lost, exactly(0));
  drill.figure('grace 10 s: answers of 500 or more', outcomes.faults, exactly(0));
}

async function chains(drill, race, visitor, count) {
  let broken = 0;
  for (let chain = 0; chain < count; chain++) {
    let { refresh_token: token } = await visitor.tokens('refresh');
    const seen = new Set([token]);
    for (let generation = 0; generation < GENERATIONS; generation++) {
      const successors = successorsOf(await race.token(generation, visitor.basic('refresh'), formOf(token)));
      if (successors.size !== 1) broken++;
      [token] = successors;
      seen.add(token);
    }
    if (seen.size !== GENERATIONS + 1) broken++;
  }
  drill.figure(`chains of ${GENERATIONS} generations`, count, told());
  drill.figure('chains that are none', broken, exactly(0));
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D02',
  title: 'One refresh token used ten times at once',
  minutes: '4',
  async run(drill) {
    const installation = await Installation.start(drill, { nodes: 2 });
    await installation.addApp('strict', 'refresh', { refresh_token_grace: 0 });
    const visitor = new Visitor(installation);
    const race = new Race(installation);
    await race.warm();
    await withoutGrace(drill, race, visitor, drill.count(FAMILIES));
    await withGrace(drill, race, visitor, drill.count(FAMILIES));
    await chains(drill, race, visitor, drill.count(CHAINS));
    const [{ leaves, families }] = await installation.postgres.query(
      `SELECT COUNT(DISTINCT digest)::int AS leaves, COUNT(*)::int AS families FROM refresh_tokens`,
    );
    drill.figure('living tokens for each family', leaves / families, exactly(1));
    await visitor.close();
    await race.close();
  },
};
