import { anApp, aPerson, type TestPerson } from '../../support/builders.js';
import { aCli, askForCodes } from '../../support/device.js';
import type { TestClinch } from '../../support/start-clinch.js';
import { authorizeUrl, formOf, unescapeHtml, UserAgent, type Answer } from '../../support/user-agent.js';

/** A form as a person would be about to send it. */
export interface FormAtHand {
  readonly agent: UserAgent;
  readonly page: Answer;
  readonly action: string;
  /** All that it would send, the token too. */
  readonly fields: Record<string, string>;
}

/** A form of ours: how a browser comes to it, and what would be different if it had been taken. */
export interface FormOfOurs {
  readonly name: string;
  at(clinch: TestClinch): Promise<FormAtHand>;
}

/** Somebody's browser, signed in. */
export async function signedInAs(clinch: TestClinch, person: TestPerson): Promise<UserAgent> {
  const agent = new UserAgent(clinch.url);
  await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch), { prompt: 'login' }), person);
  return agent;
}

/** @param within a text that only the wanted form of the page holds */
function handed(agent: UserAgent, page: Answer, fields: Record<string, string>, within = ''): FormAtHand {
  const form = page.text.split(/(?=<form)/).find((text) => text.startsWith('<form') && text.includes(within));
  if (form === undefined) throw new Error(`no form with ${within} on ${page.url} (${page.status})`);
  const { action, hidden } = formOf({ text: form.split('</form>')[0] ?? '', status: page.status });
  return { agent, page, action: unescapeHtml(action), fields: { ...hidden, ...fields } };
}

/**
 * Every form that people are shown: the matrix of CSRF-01 and CSRF-02 asks the same questions of each. A new page with a
 * form adds a line here.
 */
export const FORMS: readonly FormOfOurs[] = [
  {
    name: 'sign-in',
    async at(clinch) {
      const [agent, person] = [new UserAgent(clinch.url), await aPerson(clinch)];
      const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, await anApp(clinch))));
      return handed(agent, page, { username: person.username, password: person.password });
    },
  },
  {
    name: 'consent',
    async at(clinch) {
      const agent = await signedInAs(clinch, await aPerson(clinch));
      const app = await anApp(clinch, { requireConsent: true });
      const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app)));
      return handed(agent, page, { decision: 'allow' });
    },
  },
  {
    name: 'continue as',
    async at(clinch) {
      const agent = await signedInAs(clinch, await aPerson(clinch));
      const url = authorizeUrl(clinch.url, await anApp(clinch), { prompt: 'select_account' });
      const page = await agent.follow(await agent.get(url));
      return handed(agent, page, { decision: 'continue' }, 'value="continue"');
    },
  },
  {
    name: 'another account',
    async at(clinch) {
      const agent = await signedInAs(clinch, await aPerson(clinch));
      const url = authorizeUrl(clinch.url, await anApp(clinch), { prompt: 'select_account' });
      const page = await agent.follow(await agent.get(url));
      return handed(agent, page, { decision: 'other' }, 'value="other"');
    },
  },
  {
    name: 'switch to somebody else in this browser',
    async at(clinch) {
      const [first, second] = [await aPerson(clinch, { name: 'First' }), await aPerson(clinch)];
      const agent = await signedInAs(clinch, first);
      await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch), { prompt: 'login' }), second);
      const page = await agent.follow(await agent.get('/device?account=other'));
      return handed(agent, page, { decision: 'continue' }, 'account-name">First<');
    },
  },
  {
    name: 'refusal',
    async at(clinch) {
      const agent = await signedInAs(clinch, await aPerson(clinch));
      const url = authorizeUrl(clinch.url, await anApp(clinch, { access: 'assigned' }));
      const page = await agent.follow(await agent.get(url));
      return handed(agent, page, { decision: 'back' });
    },
  },
  {
    name: 'device code',
    async at(clinch) {
      const agent = await signedInAs(clinch, await aPerson(clinch));
      const codes = await askForCodes(clinch.url, await aCli(clinch));
      return handed(agent, await agent.get('/device'), { user_code: codes.user_code });
    },
  },
  {
    name: 'device decision',
    async at(clinch) {
      const agent = await signedInAs(clinch, await aPerson(clinch));
      const codes = await askForCodes(clinch.url, await aCli(clinch));
      const page = await agent.get(codes.verification_uri_complete);
      return handed(agent, page, { decision: 'allow' });
    },
  },
  {
    name: 'sign out',
    async at(clinch) {
      const agent = await signedInAs(clinch, await aPerson(clinch));
      return handed(agent, await agent.get('/oidc/logout'), { decision: 'allow' });
    },
  },
  {
    name: 'own pages: switch to somebody else in this browser',
    async at(clinch) {
      const [first, second] = [await aPerson(clinch, { name: 'First' }), await aPerson(clinch)];
      const agent = await signedInAs(clinch, first);
      await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch), { prompt: 'login' }), second);
      const page = await agent.follow(await agent.get('/account/switch'));
      return handed(agent, page, { decision: 'continue' }, 'account-name">First<');
    },
  },
];
