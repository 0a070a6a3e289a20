import { setTimeout as delay } from 'node:timers/promises';
import type { ClientEntity } from '../../../src/app-registry/client.entity.js';
import { anApp } from '../../support/builders.js';
import { freePort } from '../../support/postgres.js';
import type { TestClinch } from '../../support/start-clinch.js';
import { startProgram } from '../../support/start-processes.js';

const READY_WITHIN_MS = 10_000;

/** The demo's sample web app as a process of its own: a public client with PKCE that knows only its issuer. */
export interface SampleWebApp {
  readonly url: string;
  readonly clientId: string;
  stop(): Promise<unknown>;
}

/** Registers the app and starts the built program on a port of its own. Throws with what it printed if it does not start. */
export async function startSampleWebApp(
  clinch: TestClinch,
  differences: Partial<ClientEntity> = {},
): Promise<SampleWebApp> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const { clientId } = await anApp(clinch, {
    clientName: 'Sample web app',
    tokenEndpointAuthMethod: 'none',
    requirePkce: true,
    redirectUris: [`${url}/callback`],
    postLogoutRedirectUris: [`${url}/signed-out`],
    backchannelLogoutUri: `${url}/backchannel-logout`,
    backchannelLogoutSessionRequired: true,
    ...differences,
  });
  const program = startProgram('dist/src/demo/sample-web-app.js', {
    ISSUER: clinch.url,
    CLIENT_ID: clientId,
    PORT: String(port),
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(`http://127.0.0.1:${port}/`))) {
    if (Date.now() > deadline) {
      await program.kill();
      throw new Error(`the sample web app does not answer:\n${program.output()}`);
    }
    await delay(30);
  }
  return { url, clientId, stop: () => program.stop() };
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url);
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
