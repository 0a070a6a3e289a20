import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGES } from '../../src/ui/messages.js';
import { aPerson, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes, atCodeForm, confirmationPage, deviceOf, poll } from '../support/device.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { formOf, UserAgent } from '../support/user-agent.js';
import { expectOwnPage } from './support/expectations.js';

const WORDS = MESSAGES.en.device;

describe('guessing user codes (RFC 8628 §5.1)', () => {
  let clinch: TestClinch;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1' });
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  let addresses = 0;
  /** As from an address that no limit has met yet. */
  const stranger = () => ({ 'X-Forwarded-For': `10.7.${++addresses >> 8}.${addresses & 255}` });

  /** Somebody who enters codes, from an address of their own unless it is given. */
  async function entering(from: Record<string, string> = stranger()) {
    const { agent, page } = await atCodeForm(clinch.url, await aPerson(clinch));
    const { hidden } = formOf(page);
    return { agent, from, enter: (user_code: string) => agent.post('/device', { ...hidden, user_code }, from) };
  }

  const wrong = (index: number) => `BBBB-${'BCDFGHJKLMNPQRSTVWXZ'[index % 20] ?? 'B'}CDF`;

  it('shows each wrong code beside the field, slows from the fifth and stops after the tenth', async () => {
    const { enter, agent, from } = await entering();
    const times: number[] = [];
    for (let index = 0; index < 10; index++) {
      const started = performance.now();
      const page = await enter(wrong(index));
      times.push(performance.now() - started);
      expectOwnPage(page, 400);
      expect(page.text).toContain(WORDS.codeUnknown);
    }
    for (const time of times.slice(4)) expect(time).toBeGreaterThanOrEqual(990);
    expect(Math.min(...times.slice(0, 4))).toBeLessThan(900);
    const stopped = await enter(wrong(10));
    expectOwnPage(stopped, 429);
    const retryAfter = Number(stopped.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(800);
    expect(retryAfter).toBeLessThanOrEqual(900);
    expect(stopped.text).toContain(WORDS.tooManyWrongCodes(retryAfter));
    expect((await agent.get(`/device?user_code=${wrong(11)}`, from)).status).toBe(429);
    expect((await agent.get('/device', from)).status).toBe(200);
  });

  it('counts no code that was right', async () => {
    const codes = await askForCodes(clinch.url, await aCli(clinch));
    const { enter } = await entering();
    for (let count = 0; count < 12; count++) expect((await enter(codes.user_code)).status).toBe(200);
  });

  it('kills a right code that is found by somebody who was stopped, and answers like to a wrong one (TIME-05)', async () => {
    const app = await aCli(clinch);
    const codes = await askForCodes(clinch.url, app);
    const { enter } = await entering();
    await Promise.all(Array.from({ length: 10 }, (_, index) => enter(wrong(index))));
    const [right, other] = [await enter(codes.user_code), await enter(wrong(3))];
    expect(right.status).toBe(429);
    expect(other.status).toBe(429);
    const shape = (text: string) => text.replace(/value="[^"]*"/g, '');
    expect(shape(right.text)).toBe(shape(other.text));
    expect((await poll(clinch.url, app, codes)).body['error']).toBe('access_denied');
    const owner = await confirmationPage(clinch.url, codes, person);
    expect(owner.page.status).toBe(400);
  });

  it('lets no more than ten through when a hundred guess at once, by form and by address', async () => {
    const { enter, agent, from } = await entering();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0 ? enter(wrong(index)) : agent.get(`/device?user_code=${wrong(index)}`, from),
      ),
    );
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(90);
  });

  it('counts an account whatever address it comes from', async () => {
    const guesser = await aPerson(clinch);
    const { agent, page } = await atCodeForm(clinch.url, guesser);
    const { hidden } = formOf(page);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        agent.post('/device', { ...hidden, user_code: wrong(index) }, stranger()),
      ),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
  });

  it('slows those at an address who were wrong themselves, stops none of them for the others, and spares the rest', async () => {
    const from = stranger();
    const [first, second, colleague] = [await entering(from), await entering(from), await entering(from)];
    await Promise.all(Array.from({ length: 10 }, (_, index) => first.enter(wrong(index))));
    const app = await aCli(clinch);
    const codes = await askForCodes(clinch.url, app);
    const timed = async (attempt: Promise<{ status: number }>) => {
      const start = performance.now();
      const { status } = await attempt;
      return { status, slowed: performance.now() - start >= 950 };
    };
    expect(await timed(second.enter(wrong(8)))).toEqual({ status: 400, slowed: false });
    expect(await timed(second.enter(wrong(9)))).toEqual({ status: 400, slowed: true });
    expect((await second.enter(codes.user_code)).status).toBe(200);
    expect(await timed(colleague.enter(codes.user_code))).toEqual({ status: 200, slowed: false });
    expect((await deviceOf(clinch, app.clientId)).decision).toBeNull();
  });

  it('ends no code for a link that is followed, however often', async () => {
    const app = await aCli(clinch);
    const codes = await askForCodes(clinch.url, app);
    const { enter, agent, from } = await entering();
    await Promise.all(Array.from({ length: 11 }, (_, index) => enter(wrong(index))));
    expect((await agent.get(`/device?user_code=${codes.user_code}`, from)).status).toBe(429);
    expect((await deviceOf(clinch, app.clientId)).decision).toBeNull();
  });

  it('leaves nothing to guess for somebody who is not signed in', async () => {
    const codes = await askForCodes(clinch.url, await aCli(clinch));
    for (const code of [codes.user_code, wrong(1)]) {
      const answer = await new UserAgent(clinch.url).get(`/device?user_code=${code}`);
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toMatch(/\/login\?interaction=[\w-]{43}$/);
      expect(answer.text).toBe('');
    }
  });
});
