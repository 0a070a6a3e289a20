import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BridgeOptions, bridgeBinding, bridgeScript } from '../../src/dingtalk-simulator/bridge-script.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { startDingTalk } from '../support/start-dingtalk.js';

const V2 = 'runtime.permission.requestAuthCodeV2';
const HOME = 'http://localhost:3000/launch/app?corpid=$CORPID$';

let dingtalk: DingTalkSimulator;

beforeAll(async () => {
  dingtalk = await startDingTalk({ apps: [{ mobileHomeUrl: HOME, stream: false }] });
});

afterEach(() => {
  dingtalk.faults.reset();
});

afterAll(async () => {
  await dingtalk.stop();
});

/** A page as far as the bridge needs one: window, document, location, fetch. */
function pageWith(options: Partial<BridgeOptions> = {}, more: object = {}, host = 'localhost:3000') {
  const document = new EventTarget();
  const page: Record<string, unknown> = {
    document,
    location: { host, hostname: host },
    fetch,
    Event,
    Promise,
    ...more,
  };
  page.window = page;
  const context = createContext(page);
  const script = bridgeScript({ simulatorUrl: dingtalk.url, userid: samplePeople.ordinary, ...options });
  return { context, script, install: () => runInContext(script, context) as unknown };
}

interface BridgeResult {
  readonly errorCode: string;
  readonly result?: { readonly code: string };
}

/** Calls the bridge, with the parameters that a page gives. */
async function call(
  name: string,
  options: Partial<BridgeOptions> = {},
  host?: string,
): Promise<BridgeResult | 'silence'> {
  const { context, install } = pageWith(options, {}, host);
  install();
  const { corpId, clientId } = dingtalk.app;
  const answer = new Promise<BridgeResult>((done) => {
    Object.assign(context, { done, params: { corpId, clientId } });
    runInContext(`window.WebViewJavascriptBridge.callHandler(${JSON.stringify(name)}, params, done)`, context);
  });
  const patience = options.mode === 'silent' ? 200 : 10_000;
  return Promise.race([answer, new Promise<'silence'>((done) => setTimeout(done, patience, 'silence').unref())]);
}

async function control(method: string, path: string, body?: object) {
  const response = await fetch(`${dingtalk.url}/simulator/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the bridge', () => {
  it.each([V2, 'runtime.permission.requestAuthCode'])('gives a code to %s', async (name) => {
    const answer = await call(name);
    expect(answer).toMatchObject({
      errorCode: '0',
      result: { code: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
    });
  });

  it('satisfies the official SDK, whether it is there before or after', async () => {
    const file = createRequire(import.meta.url).resolve('dingtalk-jsapi/lib/bridge/h5Ios.js');
    const { corpId, clientId } = dingtalk.app;
    for (const isBefore of [true, false]) {
      const { context, install } = pageWith({}, { exports: {} });
      if (isBefore) install();
      runInContext(readFileSync(file, 'utf8'), context);
      Object.assign(context, { params: { corpId, clientId } });
      const code = runInContext(`exports.default(${JSON.stringify(V2)}, params)`, context) as Promise<unknown>;
      if (!isBefore) install();
      expect(await code).toEqual({ code: expect.any(String) as string });
    }
  });

  it('refuses other calls, and pages whose host no app has', async () => {
    expect(await call('device.base.getUUID')).toMatchObject({ errorCode: '2' });
    expect(await call(V2, {}, 'elsewhere.example')).toMatchObject({ errorCode: '3' });
  });

  it.each([
    ['silent', 'silence'],
    ['refuse', { errorCode: '3' }],
    ['cancelled', { errorCode: '-1' }],
  ] as const)('can be %s', async (mode, answer) => {
    const result = await call(V2, { mode });
    if (answer === 'silence') expect(result).toBe(answer);
    else expect(result).toMatchObject(answer);
  });

  it('asks a function of the page first', async () => {
    const asked: unknown[] = [];
    const { context, install } = pageWith({}, { [bridgeBinding]: (request: unknown) => void asked.push(request) });
    install();
    runInContext(`window.WebViewJavascriptBridge.callHandler('${V2}', { corpId: 'c', clientId: 'i' })`, context);
    expect(asked).toEqual([{ userid: 'u010', corpId: 'c', clientId: 'i', pageHost: 'localhost:3000' }]);
  });

  it('cannot be ended early by what stands in its settings', () => {
    expect(bridgeScript({ simulatorUrl: dingtalk.url, userid: '</script>' })).not.toContain('</script>');
  });
});

describe('the client page', () => {
  it('shows a workbench whose tiles carry the organisation', async () => {
    const text = await (await fetch(`${dingtalk.url}/client?userid=${samplePeople.ordinary}`)).text();
    expect(text).toContain('href="http://localhost:3000/launch/app?corpid=dingcorp0001"');
    expect(dingtalk.answerBridge({ userid: '', corpId: 'dingcorp0001', pageHost: 'localhost:3000' }).errorCode).toBe(
      '0',
    );
  });

  it('has a personnel office', async () => {
    const office = async (fields: Record<string, string>) =>
      fetch(`${dingtalk.url}/client/office`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
    await office({ action: 'move', userid: 'u100', deptId: '900' });
    expect(dingtalk.company.person('u100')?.memberships.map(({ deptId }) => deptId)).toEqual([900]);
    await office({ action: 'leave', userid: 'u100' });
    expect(dingtalk.company.person('u100')).toBeUndefined();
    const text = await (await fetch(`${dingtalk.url}/client?userid=u100`)).text();
    expect(text).toContain('data-no-workbench');
    expect(text).toContain('data-action="rehire"');
    expect((await office({ action: 'rehire', userid: 'u100' })).status).toBe(302);
    expect(dingtalk.company.person('u100')).toBeDefined();
    expect((await office({ action: 'move', userid: 'u100', deptId: '4711' })).status).toBe(400);
  });

  it('lets no page of another origin send somebody away', async () => {
    const headers = { origin: 'http://elsewhere.example' };
    const body = new URLSearchParams({ action: 'leave', userid: 'u101' });
    expect((await fetch(`${dingtalk.url}/client/office`, { method: 'POST', body, headers })).status).toBe(403);
    expect(dingtalk.company.person('u101')).toBeDefined();
  });

  it('escapes what people are called', async () => {
    dingtalk.company.change('u102', { name: '<script>alert(1)</script>' }, { silent: true });
    const text = await (await fetch(`${dingtalk.url}/client?q=u102`)).text();
    expect(text).toContain('&lt;script&gt;alert(1)');
    expect(text).not.toContain('<script>alert(1)');
  });
});

describe('the control addresses', () => {
  it('change people', async () => {
    const joined = await control('POST', 'people', { name: '新人', deptIds: [700], userid: 'n1' });
    expect(joined).toMatchObject({ status: 201, body: { userid: 'n1', name: '新人' } });
    await control('POST', 'people/n1/move', { deptIds: [800, 900] });
    await control('POST', 'people/n1/change', { title: '会计', mobile: null });
    expect(dingtalk.company.person('n1')).toMatchObject({
      title: '会计',
      memberships: [{ deptId: 800 }, { deptId: 900 }],
    });
    await control('POST', 'people/n1/leave', {});
    const back = await control('POST', 'people/n1/rehire', { newUserid: 'n2' });
    expect(back.body).toMatchObject({ userid: 'n2', unionid: 'UNION-dingcorp0001-n1' });
    expect((await control('GET', 'people?query=n2')).body.people).toMatchObject([{ userid: 'n2' }]);
  });

  it('answer what is wrong with 400', async () => {
    expect((await control('POST', 'people/nobody/leave', {})).status).toBe(400);
    expect((await control('POST', 'people', { name: '新人' })).status).toBe(400);
    expect((await control('PUT', 'faults', { nonsense: true })).status).toBe(400);
    expect((await control('PUT', 'faults', { lists: 'odd' })).status).toBe(400);
    expect((await control('PUT', 'faults', { poison: { userid: 'u001', name: 'odd' } })).status).toBe(400);
    expect((await control('PUT', 'faults', { rules: [{ kind: 'nonsense' }] })).status).toBe(400);
    expect((await control('GET', 'people/%zz')).status).toBe(400);
    expect((await control('GET', 'nothing')).status).toBe(404);
    const form = { method: 'PUT', body: new URLSearchParams({ autoDeny: 'true' }) };
    expect((await fetch(`${dingtalk.url}/simulator/faults`, form)).status).toBe(400);
  });

  it('set and take back switches', async () => {
    const rules = [{ kind: 'busy', path: '/oapi/gettoken', times: 2 }];
    const set = await control('PUT', 'faults', { autoConfirm: 'u010', lists: 'half', rules });
    expect(set.body).toMatchObject({ autoConfirm: 'u010', lists: 'half', rules });
    expect((await (await fetch(`${dingtalk.bases.oapi}/gettoken`)).json()) as object).toMatchObject({ errcode: -1 });
    await control('PUT', 'faults', { autoConfirm: null, lists: null, rules: [] });
    expect((await control('GET', 'faults')).body).toMatchObject({ lists: 'full', rules: [] });
    expect(dingtalk.faults.switches.autoConfirm).toBeUndefined();
  });
});
