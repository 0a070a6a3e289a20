import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { ClientStore } from '../../src/app-registry/client-store.js';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes, confirmationPage, poll } from '../support/device.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, responseParameters, UserAgent, type Answer } from '../support/user-agent.js';

const EN = MESSAGES.en.refused;
const { access_denied: DENIED } = MESSAGES.en.error.situations;

let clinch: TestClinch;
let person: TestPerson;
let open: TestApp;

beforeAll(async () => {
  clinch = await startClinch();
  person = await aPerson(clinch);
  open = await anApp(clinch);
});
afterAll(() => clinch.stop());

function aClosedApp(differences: Partial<ClientEntity> = {}): Promise<TestApp> {
  return anApp(clinch, { clientName: 'Payroll', access: 'assigned', ...differences });
}

async function changeAccess({ clientId }: TestApp, access: 'everyone' | 'assigned'): Promise<void> {
  await clinch.app.get(ClientStore).repository.update({ clientId }, { access });
  clinch.app.get(ClientRegistry).forget(clientId);
}

async function signedIn(): Promise<UserAgent> {
  const agent = new UserAgent(clinch.url);
  await agent.authorize(authorizeUrl(clinch.url, open), person);
  return agent;
}

/** The page that somebody sees whom the app is not open to. */
async function refusedAt(
  app: TestApp,
  parameters: Readonly<Record<string, string>> = {},
): Promise<{ agent: UserAgent; page: Answer }> {
  const agent = await signedIn();
  const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, parameters)));
  return { agent, page };
}

describe('a person whom an app is not open to', () => {
  it('is told which app, as whom they are signed in, whom to ask, and what to quote', async () => {
    const { page } = await refusedAt(await aClosedApp({ accessContact: 'Ask the finance desk\n<b>4711</b>' }));
    expect(page.status).toBe(403);
    for (const text of [EN.heading('Payroll'), '李华', person.username, EN.ask, 'Ask the finance desk\n&lt;b>4711']) {
      expect(page.text).toContain(text);
    }
    expect(page.text).toMatch(/class="trace">[\w-]{16,}</);
  });

  it('is sent to the contacts of the registration, else to the administrator', async () => {
    const { page } = await refusedAt(await aClosedApp({ contacts: ['ada@example.com', 'bob@example.com'] }));
    expect(page.text).toContain('ada@example.com, bob@example.com');
    const { page: nobody } = await refusedAt(await aClosedApp());
    expect(nobody.text).toContain(DENIED.advice);
    expect(nobody.text).not.toContain(EN.ask);
  });

  it.each(['query', 'fragment', 'form_post'])('goes back to the app, which hears access_denied by %s', async (mode) => {
    const app = await aClosedApp();
    const { agent, page } = await refusedAt(app, { response_mode: mode });
    const answer = await agent.press(page, 'back');
    expect(Object.fromEntries(responseParameters(answer))).toEqual({
      error: 'access_denied',
      error_description: 'this person may not use this app',
      state: 'the-state',
      iss: clinch.url,
    });
    // One answer for each request.
    const { hidden } = formOf(page);
    expect((await agent.get(`/refused?interaction=${hidden['interaction'] ?? ''}`)).status).toBe(400);
  });

  it('signs in as somebody else, without being taken for the first one', async () => {
    const app = await aClosedApp();
    const { agent, page } = await refusedAt(app);
    const login = await agent.press(page, 'other');
    expect(login.text).toContain('name="password"');
    expect(login.text).not.toContain(MESSAGES.en.login.reauthenticateHeading);
    expect(login.text).not.toContain(person.username);
    const again = await agent.signIn(login, await aPerson(clinch, { username: 'somebody.else', name: 'Else' }));
    expect(again.text).toContain('somebody.else');
    expect(again.status).toBe(403);
  });

  it('goes on when the app has been opened meanwhile', async () => {
    const app = await aClosedApp();
    const { agent, page } = await refusedAt(app);
    await changeAccess(app, 'everyone');
    const { hidden } = formOf(page);
    const answer = await agent.follow(await agent.get(`/refused?interaction=${hidden['interaction'] ?? ''}`));
    expect(responseParameters(answer).has('code')).toBe(true);
    const other = await aClosedApp();
    const late = await refusedAt(other);
    await changeAccess(other, 'everyone');
    expect(responseParameters(await late.agent.press(late.page, 'back')).has('code')).toBe(true);
  });

  it('is not shown a page with prompt=none', async () => {
    const agent = await signedIn();
    const answer = await agent.get(authorizeUrl(clinch.url, await aClosedApp(), { prompt: 'none' }));
    expect(responseParameters(answer).get('error')).toBe('access_denied');
  });

  it('is named in the audit, under the trace id that the page shows', async () => {
    const record = vi.spyOn(clinch.app.get(AuditLog), 'record');
    const app = await aClosedApp();
    const { page } = await refusedAt(app);
    const [, trace = ''] = /class="trace">([\w-]+)</.exec(page.text) ?? [];
    expect(record).toHaveBeenCalledWith(
      'access.refused',
      expect.objectContaining({ clientId: app.clientId, accountId: person.id, traceId: trace }),
    );
  });

  it('is refused a form that is not theirs, or that another site made', async () => {
    const { agent, page } = await refusedAt(await aClosedApp());
    const { action, hidden } = formOf(page);
    for (const [form, headers] of [
      [{ ...hidden, csrf_token: 'x', decision: 'back' }, {}],
      [{ ...hidden, decision: 'back' }, { Origin: 'https://evil.example' }],
    ] as const) {
      expect((await agent.post(action, form, headers)).status).toBe(403);
    }
    const other = await signedIn();
    expect((await other.post(action, { ...hidden, decision: 'back' })).status).toBe(403);
    expect((await agent.post(action, { ...hidden, decision: 'x' })).status).toBe(400);
  });
});

describe('the same words elsewhere', () => {
  it('stand on the page that a launch ends at', async () => {
    const app = await aClosedApp({ accessContact: 'Ask the finance desk', initiateLoginUri: 'https://app.example/' });
    const page = await (await signedIn()).get(`/launch/${app.clientId}`);
    expect(page.status).toBe(403);
    for (const text of [DENIED.title, EN.ask, 'Ask the finance desk', 'Payroll']) expect(page.text).toContain(text);
  });

  it('stand on the page of a device that may not in, and the device hears access_denied', async () => {
    const cli = await aCli(clinch, { accessContact: 'Ask the tools team' });
    const codes = await askForCodes(clinch.url, cli);
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    await changeAccess(cli, 'assigned');
    const answer = await agent.press(page, 'allow');
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('Ask the tools team');
    expect((await poll(clinch.url, cli, codes)).body['error']).toBe('access_denied');
  });
});
