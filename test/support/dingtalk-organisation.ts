import type { AppSettings } from '../../src/dingtalk-simulator/app.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { anIdentitySource, type SourceOfTest } from './identity-source.js';
import type { TestClinch } from './start-clinch.js';
import { startDingTalk } from './start-dingtalk.js';
import type { Answer, UserAgent } from './user-agent.js';

/** The id of the source, which stands in its addresses. */
export const SOURCE = 'acme';
export const ORGANISATION = 'Acme 集团';

const SECRET = 'secret-of-the-dingtalk-app';

/** What a DingTalk must know of Clinch: where it may return to, and whose pages may ask for a code. */
export function appOf(clinch: Pick<TestClinch, 'url'>, source = SOURCE): AppSettings {
  return { clientSecret: SECRET, redirectUris: [`${clinch.url}/dingtalk/${source}/callback`] };
}

/** A simulated DingTalk, and the source by which a server that runs is connected to it. */
export async function connectDingTalk(clinch: TestClinch, given: SourceOfTest = {}): Promise<DingTalkSimulator> {
  const dingtalk = await startDingTalk({ apps: [appOf(clinch, given.id)] });
  await anIdentitySource(clinch, { ...sourceOf(dingtalk), ...given });
  return dingtalk;
}

/** The settings of a source for the simulator's first app. */
export function sourceOf({ bases, app }: DingTalkSimulator): SourceOfTest {
  return {
    id: SOURCE,
    name: ORGANISATION,
    corpId: app.corpId,
    clientId: app.clientId,
    secret: SECRET,
    loginBaseUrl: bases.login,
    apiBaseUrl: bases.api,
    oapiBaseUrl: bases.oapi,
  };
}

/** Where DingTalk's sign-in page sends the browser when this person confirms; undefined when it sends it nowhere. */
export async function confirmedAt(address: string, userid: string, corpId?: string): Promise<string | undefined> {
  const url = new URL(address);
  url.searchParams.set('auto', userid);
  if (corpId !== undefined) url.searchParams.set('corpId', corpId);
  return (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? undefined;
}

/** From our redirect to DingTalk to what our callback answers; nothing further is followed. */
export async function throughDingTalk(agent: UserAgent, answer: Answer, userid: string): Promise<Answer> {
  const callback = await confirmedAt(answer.headers.get('location') ?? '', userid);
  if (callback === undefined) throw new Error(`DingTalk did not send ${userid} back`);
  return agent.get(callback);
}
