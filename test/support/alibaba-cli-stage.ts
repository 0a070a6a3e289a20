import { StateFile } from '../../src/clinch-alibaba/state-file.js';
import { AlibabaCli, type Running } from './alibaba-cli.js';
import { aPerson, type TestApp, type TestPerson } from './builders.js';
import { aCli, askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from './device.js';
import { FakeSts } from './fake-sts.js';
import { LossyWire } from './lossy-wire.js';
import { startClinch, type TestClinch } from './start-clinch.js';

export const PROVIDER = 'acs:ram::1234567890123456:oidc-provider/clinch';
export const ROLE = 'acs:ram::1234567890123456:role/clinch-ops';

/** A Clinch behind a wire that is watched, an STS, and for each test a person with `clinch-alibaba` on a machine of their own. */
export class AlibabaCliStage {
  person: TestPerson;
  cli: AlibabaCli;

  private constructor(
    readonly clinch: TestClinch,
    readonly wire: LossyWire,
    readonly sts: FakeSts,
    readonly app: TestApp,
    readonly issuer: string,
  ) {}

  static async open(): Promise<AlibabaCliStage> {
    const wire = new LossyWire();
    await wire.listen();
    const issuer = `http://localhost:${wire.port}`;
    const clinch = await startClinch({ CLINCH_ISSUER: issuer });
    wire.connect(clinch.url);
    const sts = new FakeSts();
    await sts.start();
    const grantTypes = [DEVICE_CODE_GRANT, 'refresh_token'];
    const scope = 'openid profile offline_access';
    const app = await aCli(clinch, { clientName: 'Alibaba Cloud CLI', grantTypes, scope });
    return new AlibabaCliStage(clinch, wire, sts, app, issuer);
  }

  /** Before each test: nobody is signed in, and nothing has happened. */
  async reset(
    options = ['--oidc-provider-arn', PROVIDER, '--role-arn', ROLE, '--sts-url', this.sts.url],
  ): Promise<void> {
    this.person = await aPerson(this.clinch);
    this.sts.refusal = undefined;
    this.sts.seconds = undefined;
    this.sts.calls.length = 0;
    this.wire.requests.length = 0;
    this.wire.losing.clear();
    this.cli = new AlibabaCli(['--issuer', this.issuer, '--client-id', this.app.clientId, ...options]);
  }

  /** Opens the address that it shows, as the person, and says yes. */
  async approve(program: Running): Promise<void> {
    await program.shows('Waiting for your answer');
    const verification_uri_complete = /https?:\S+user_code=\S+/.exec(program.shown())?.[0] ?? '';
    const { agent, page } = await confirmationPage(this.issuer, { verification_uri_complete }, this.person);
    if (!page.text.includes('Alibaba Cloud CLI')) throw new Error(`the page does not ask: ${page.text}`);
    await agent.press(page, 'allow');
  }

  /** As a sign-in leaves it, without the five seconds that its first poll has to wait. */
  async signIn(): Promise<void> {
    const { issuer, app, person, cli } = this;
    const codes = await askForCodes(issuer, app, { scope: 'openid profile offline_access' });
    const { agent, page } = await confirmationPage(issuer, codes, person);
    await agent.press(page, 'allow');
    const { body } = await poll(issuer, app, codes);
    const file = new StateFile({ issuer, clientId: app.clientId, folder: cli.folder });
    const refreshToken = String(body['refresh_token']);
    file.write({ sub: person.id, name: '李华', sessionName: 'lihua', refreshToken, credentials: {} });
    this.wire.requests.length = 0;
  }

  async close(): Promise<void> {
    this.sts.stop();
    await this.clinch.stop();
    this.wire.stop();
  }
}
