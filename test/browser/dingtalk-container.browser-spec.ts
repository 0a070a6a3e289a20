import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/tools.mjs';
import { Container } from '../../src/dingtalk-simulator/open-container.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import { startDingTalk } from '../support/start-dingtalk.js';

/** An app's page: it asks the bridge for a code, and tells its own server what it was given. */
const PAGE = `<!doctype html><script>
  var params = { corpId: new URL(location.href).searchParams.get('corpid'), clientId: 'dingclinchdemo0001' };
  window.WebViewJavascriptBridge.callHandler('runtime.permission.requestAuthCodeV2', params, function (answer) {
    fetch('/told', { method: 'POST', body: JSON.stringify(answer) });
  });
</script>`;

const chromium = findChromium();

describe("the browser that passes for DingTalk's", () => {
  it.skipIf(chromium === undefined)('brings the User-Agent and the bridge, whatever the page forbids', async () => {
    let tell: (told: { agent: string; answer: string }) => void = () => undefined;
    const told = new Promise<{ agent: string; answer: string }>((done) => {
      tell = done;
    });
    const app = createServer((request, response) => {
      // The bridge is no part of the page, so the page's policy has no say in it.
      response.setHeader('content-security-policy', "default-src 'self'; script-src 'unsafe-inline'");
      if (request.method !== 'POST') return response.setHeader('content-type', 'text/html').end(PAGE);
      const agent = request.headers['user-agent'] ?? '';
      request.setEncoding('utf8').once('data', (answer: string) => tell({ agent, answer }));
      return response.end();
    }).listen(0, '127.0.0.1');
    await once(app, 'listening');
    const home = `http://127.0.0.1:${(app.address() as AddressInfo).port}/?corpid=$CORPID$`;
    const dingtalk = await startDingTalk({ apps: [{ mobileHomeUrl: home, stream: false }] });
    dingtalk.world.clientUserid = samplePeople.ordinary;
    const container = await Container.open({
      // The client page's place is taken by the app's, as if the tile had been clicked.
      simulatorUrl: home.replace('/?corpid=$CORPID$', '/?corpid=dingcorp0001&from='),
      environment: { CHROME_PATH: chromium },
      answer: (request) => dingtalk.answerBridge(request),
      args: ['--headless=new', '--disable-gpu', '--disable-dev-shm-usage'],
    });
    try {
      const { agent, answer } = await told;
      expect(agent).toContain('DingTalk/7.8.1');
      const { result } = JSON.parse(answer) as { result: { code: string } };
      const grant = dingtalk.world.codes.inApp.redeem(result.code, dingtalk.app.clientId);
      expect(grant).toMatchObject({ userid: samplePeople.ordinary });
    } finally {
      await container.close();
      app.closeAllConnections();
      app.close();
      await dingtalk.stop();
    }
  });
});
