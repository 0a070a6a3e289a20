import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { bridgeBinding, bridgeScript, containerUserAgent } from './bridge-script.js';
import { type DevToolsEvent, DevToolsPipe } from './devtools-pipe.js';
import { isObject, jsonObject } from './exchange.js';
import { findBrowser } from './find-browser.js';
import type { BridgeAnswer, ClientRequest } from './world.js';

/** Puts a function into the page by which the bridge asks, and by which it is answered. */
const RELAY = `(function () {
  var waiting = {}, last = 0;
  window.${bridgeBinding} = function (request) {
    return new Promise(function (done) {
      last += 1; waiting[last] = done;
      window.${bridgeBinding}Call(JSON.stringify({ id: last, request: request }));
    });
  };
  window.${bridgeBinding}Answer = function (id, answer) { waiting[id](answer); delete waiting[id]; };
})();`;

/** Milliseconds that a browser has to end by itself. One that is still starting does not always hear that it is to end. */
const TIME_TO_END_MS = 5_000;

export interface ContainerOptions {
  readonly simulatorUrl: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly answer: (request: ClientRequest) => BridgeAnswer;
  /** More arguments for the browser. */
  readonly args?: readonly string[];
}

/**
 * A browser that passes for DingTalk's: its User-Agent, its bridge in every page, a profile of its own that is deleted
 * afterwards. Pages find what they would find on a phone; what differs is that the person was chosen on the client page.
 * The bridge comes by DevTools, because Chrome no longer loads an extension that the command line names.
 */
export class Container {
  readonly #profile = mkdtempSync(join(tmpdir(), 'dingtalk-client-'));
  readonly #child: ChildProcess;
  readonly #pipe: DevToolsPipe;
  /** The session of each tab, by the tab's target id: there when the bridge is in it. */
  readonly #sessions = new Map<string, Promise<string>>();

  private constructor(
    path: string,
    private readonly options: ContainerOptions,
  ) {
    const isRoot = process.getuid?.() === 0;
    const args = [
      '--remote-debugging-pipe',
      `--user-data-dir=${this.#profile}`,
      `--user-agent=${containerUserAgent}`,
      '--no-first-run',
      '--no-default-browser-check',
      '--window-size=460,920',
      // Its sandbox does not start for root, who is the only user in a container.
      ...(isRoot ? ['--no-sandbox'] : []),
      ...(options.args ?? []),
      'about:blank',
    ];
    this.#child = spawn(path, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.#child.once('exit', () => this.#forgetProfile());
    // A program that cannot be started never exits; what waits for its answer is told by its pipes.
    this.#child.once('error', () => this.#forgetProfile());
    const [, , , toBrowser, fromBrowser] = this.#child.stdio as unknown[];
    this.#pipe = new DevToolsPipe(toBrowser as Writable, fromBrowser as Readable, (event) => this.#happened(event));
  }

  /** Opens the browser at the client page. Throws an Error that says in words why it could not. */
  static async open(options: ContainerOptions): Promise<Container> {
    const path = findBrowser(options.environment);
    if (path === undefined) {
      throw new Error('没有找到 Chromium、Chrome 或 Edge (none was found; CHROME_PATH can name one)');
    }
    const container = new Container(path, options);
    try {
      // Only pages: some of the browser's own surface are targets as well.
      const filter = [{ type: 'page' }];
      const attach = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true, filter };
      await container.#pipe.send('Target.setAutoAttach', attach);
      const { targetInfos } = await container.#pipe.send('Target.getTargets');
      await container.show();
      await container.#closeBlank(targetInfos);
    } catch (error) {
      await container.close();
      throw new Error(`${path} 无法启动 (did not start)`, { cause: error });
    }
    return container;
  }

  get isOpen(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Opens the client page, in another tab when there is one already. */
  async show(): Promise<void> {
    // Empty at first. Chromium lets the tabs that pages open wait for the debugger, but not one that is made by
    // `Target.createTarget`: its page would load at once, and on a busy machine run before the bridge is in it.
    const { targetId } = await this.#pipe.send('Target.createTarget', { url: 'about:blank' });
    const session = await this.#sessions.get(String(targetId));
    if (session === undefined) throw new Error('The browser did not hand over its new tab.');
    await this.#pipe.send('Page.navigate', { url: `${this.options.simulatorUrl}/client` }, session);
  }

  /** Ends the browser, by force when it does not end by itself, and deletes its profile. */
  async close(): Promise<void> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), TIME_TO_END_MS);
    if (this.isOpen && this.#child.kill()) await once(this.#child, 'exit');
    clearTimeout(force);
    this.#forgetProfile();
  }

  /** Closes the tab that the browser starts with. */
  async #closeBlank(targetInfos: unknown): Promise<void> {
    const targets: readonly unknown[] = Array.isArray(targetInfos) ? targetInfos : [];
    const blank = targets.find((each) => isObject(each) && each.type === 'page');
    if (isObject(blank)) await this.#pipe.send('Target.closeTarget', { targetId: blank.targetId });
  }

  #happened({ method, params, sessionId }: DevToolsEvent): void {
    if (method === 'Target.attachedToTarget') this.#attached(params);
    if (method === 'Runtime.bindingCalled' && sessionId !== undefined) this.#quietly(this.#answer(params, sessionId));
  }

  #attached({ sessionId, targetInfo }: DevToolsEvent['params']): void {
    if (typeof sessionId !== 'string' || !isObject(targetInfo)) return;
    const prepared = this.#prepare(sessionId).then(() => sessionId);
    this.#sessions.set(String(targetInfo.targetId), prepared);
    this.#quietly(prepared);
  }

  async #prepare(session: string): Promise<void> {
    const { simulatorUrl } = this.options;
    const source = `${RELAY}${bridgeScript({ simulatorUrl })}`;
    // All at once: a page that waits to be let go answers some of these only afterwards.
    await Promise.all([
      this.#pipe.send('Page.enable', {}, session),
      this.#pipe.send('Runtime.enable', {}, session),
      this.#pipe.send('Runtime.addBinding', { name: `${bridgeBinding}Call` }, session),
      this.#pipe.send('Page.addScriptToEvaluateOnNewDocument', { source }, session),
      this.#pipe.send('Runtime.runIfWaitingForDebugger', {}, session),
    ]);
  }

  async #answer({ payload, executionContextId: contextId }: DevToolsEvent['params'], session: string): Promise<void> {
    const { id, request } = jsonObject(typeof payload === 'string' ? payload : '') ?? {};
    if (typeof id !== 'number' || !isObject(request)) return;
    const text = (name: string) => (typeof request[name] === 'string' ? request[name] : '');
    const asked = { userid: text('userid'), corpId: text('corpId'), clientId: text('clientId') };
    const answer = this.options.answer({ ...asked, pageHost: text('pageHost') });
    const expression = `window.${bridgeBinding}Answer(${id}, ${JSON.stringify(answer)})`;
    await this.#pipe.send('Runtime.evaluate', { contextId, expression }, session);
  }

  // A tab that is closed while it is prepared refuses the rest of the commands.
  #quietly(work: Promise<unknown>): void {
    work.catch(() => undefined);
  }

  #forgetProfile(): void {
    try {
      rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    } catch {
      // Windows keeps files for a moment after their program has ended; the folder for temporary files is emptied anyway.
    }
  }
}
