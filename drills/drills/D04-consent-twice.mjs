// "Allow" pressed twice at once, on two nodes: one code, and never a second one (CVE-2022-39222).
import { REDIRECT_URI } from '../../bench/lib/settings.mjs';
import { formsOf } from '../../bench/lib/html.mjs';
import { exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { Visitor } from '../lib/visitor.mjs';

const TIMES = 200;

/** Opens an address and follows redirects to the page at the end of them. */
async function pageAt(visitor, url) {
  for (let hop = 0; hop < 8; hop++) {
    const answer = await visitor.browser.open(url);
    if (answer.status < 300 || answer.status > 399) return { url, answer };
    url = new URL(answer.headers.location, url);
  }
  throw new Error('redirects without an end');
}

/** Posts the form and follows it to the app, or to whatever page is at the end. Gives the code, or undefined. */
async function press(visitor, action, fields) {
  let answer = await visitor.browser.open(action, fields);
  let url = action;
  for (let hop = 0; hop < 8; hop++) {
    if (answer.status >= 500) throw new Error(`${url.pathname} answered ${answer.status}`);
    if (answer.status < 300 || answer.status > 399) return undefined;
    const next = new URL(answer.headers.location, url);
    if (next.href.startsWith(REDIRECT_URI)) return next.searchParams.get('code') ?? undefined;
    url = next;
    answer = await visitor.browser.open(url);
  }
  return undefined;
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D04',
  title: '"Allow" pressed twice at once',
  minutes: '1',
  async run(drill) {
    // The proxy gives every second request to the other node.
    const installation = await Installation.start(drill, { nodes: 2, proxy: true });
    const visitor = new Visitor(installation);
    await visitor.code('web');
    const count = drill.count(TIMES);
    let [notOne, faults] = [0, 0];
    for (let round = 0; round < count; round++) {
      const start = visitor.request('web', 'x'.repeat(43), { prompt: 'consent' });
      const { url, answer } = await pageAt(visitor, start);
      const form = formsOf(answer.body).find(({ buttons }) => buttons.some(({ value }) => value === 'allow'));
      const fields = new URLSearchParams(form.hidden);
      fields.set('decision', 'allow');
      const action = new URL(form.action || url, url);
      const twice = await Promise.allSettled([0, 1].map(() => press(visitor, action, fields)));
      faults += twice.filter(({ status }) => status === 'rejected').length;
      const codes = new Set(twice.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : [])));
      if (codes.size !== 1) notOne++;
    }
    drill.figure('consent pages', count, told());
    drill.figure('without exactly one code', notOne, exactly(0));
    drill.figure('answers of 500 or more', faults, exactly(0));
    await visitor.close();
  },
};
