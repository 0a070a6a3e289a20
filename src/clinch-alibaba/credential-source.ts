import { CliError } from '../device-sign-in/cli-error.js';
import { Provider, Refused, Unavailable } from '../device-sign-in/provider.js';
import type { Screen } from '../device-sign-in/screen.js';
import { FileLock } from './file-lock.js';
import type { RoleSettings, Settings } from './settings.js';
import { type Proven, hasEnded, renew, signInByDevice } from './sign-in.js';
import { type Credentials, type SignIn, StateFile, isCurrent, purposeOf } from './state-file.js';
import { assumeRole } from './sts.js';

/** How a run behaves to whoever is there. */
export interface Manners {
  /** Where to talk to people, which is never standard output. */
  readonly screen: Screen;
  /** Whether somebody is there to be asked for a sign-in. */
  readonly mayAsk: boolean;
  readonly showQr: boolean;
  /** The command that signs in by hand, for those who cannot be asked now. */
  readonly loginCommand: string;
  readonly explain: (line: string) => void;
}

/** Credentials of RAM roles for whoever is signed in, and the sign-in itself. Any number of these may run at once. */
export class CredentialSource {
  private readonly file: StateFile;
  private readonly lock: FileLock;

  constructor(
    private readonly settings: Settings,
    private readonly manners: Manners,
  ) {
    this.file = new StateFile(settings);
    this.lock = new FileLock(`${this.file.path}.lock`);
  }

  /** Who is signed in, as far as this machine knows. */
  signedIn(): SignIn | undefined {
    return this.file.read();
  }

  /**
   * Credentials for the role: those that are kept, or new ones, for which somebody is asked to sign in where that is needed
   * and possible. Of many at once, one asks and the others take what it got. While there are none to be had because somebody
   * does not answer, those that are kept are given to nearly their end.
   *
   * @param anew to have others than those that are kept now
   * @throws {CliError} in words that say what to do
   */
  async credentials(role: RoleSettings, anew: boolean): Promise<Credentials> {
    const before = this.current(role);
    if (before && !anew) return before;
    return this.alone(async () => {
      const now = this.current(role);
      // Somebody else has renewed them while we waited.
      if (now && now.access_key_id !== before?.access_key_id) return now;
      try {
        return await this.fresh(role, await this.proven());
      } catch (error) {
        const last = this.kept(role);
        if (anew || !last || !(error instanceof Unavailable)) throw error;
        this.manners.explain(`${error.message} Those that are kept are good until ${last.expiration}.`);
        return last;
      }
    });
  }

  /** Signs somebody in, whoever was before: that sign-in is given back, as nobody would remember to. */
  async login(): Promise<SignIn> {
    return this.alone(async () => (await this.newSignIn(await Provider.discover(this.settings))).signIn);
  }

  /** @returns false when nobody was signed in */
  async logout(): Promise<boolean> {
    return this.alone(async () => {
      const stored = this.file.read();
      if (!stored) {
        // It may be one that cannot be read.
        this.file.delete();
        return false;
      }
      const provider = await Provider.discover(this.settings);
      // RFC 7009 §2.2: a token that is good no more is answered as one that was. So what fails here is not over yet, and
      // what nobody knows any more nobody could give back.
      try {
        await provider.revoke(stored.refreshToken);
      } catch (error) {
        // The app itself is gone there, and its tokens with it: nothing is left to be given back.
        if (!(error instanceof Refused)) throw error;
        this.manners.explain(error.message);
      }
      this.file.delete();
      return true;
    });
  }

  private kept(role: RoleSettings): Credentials | undefined {
    const signIn = this.file.read();
    return signIn?.credentials[purposeOf(role, role.sessionName ?? signIn.sessionName)];
  }

  private current(role: RoleSettings): Credentials | undefined {
    const found = this.kept(role);
    return found && isCurrent(found) ? found : undefined;
  }

  private async proven(): Promise<Proven> {
    const stored = this.file.read();
    if (!stored) {
      if (!this.manners.mayAsk) throw new CliError(`You are not signed in. Run: ${this.manners.loginCommand}`);
      return this.newSignIn(await Provider.discover(this.settings));
    }
    const provider = await Provider.discover(this.settings);
    try {
      this.manners.explain(`Renewing the sign-in of ${stored.name} at ${this.settings.issuer}.`);
      return await renew(provider, stored, (signIn) => this.file.write(signIn));
    } catch (error) {
      if (!hasEnded(error)) throw error;
      this.file.delete();
      const { screen, mayAsk, loginCommand } = this.manners;
      if (!mayAsk) throw new CliError(`Your sign-in has ended. Run: ${loginCommand}`, { cause: error });
      screen.say('Your sign-in has ended.');
      return this.newSignIn(provider);
    }
  }

  private async newSignIn(provider: Provider): Promise<Proven> {
    const former = this.file.read();
    const proven = await signInByDevice(provider, this.manners.screen, this.manners.showQr);
    this.file.write(proven.signIn);
    if (former) await provider.revoke(former.refreshToken).catch(() => undefined);
    return proven;
  }

  private async fresh(role: RoleSettings, { idToken, signIn }: Proven): Promise<Credentials> {
    const session = role.sessionName ?? signIn.sessionName;
    this.manners.explain(`Taking ${role.roleArn} as ${session}.`);
    const credentials = await assumeRole(idToken, session, role, this.settings, this.manners.explain);
    const kept = { ...signIn.credentials, [purposeOf(role, session)]: credentials };
    this.file.write({ ...signIn, credentials: kept });
    return credentials;
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const tidied = () => {
      this.file.deleteLeftovers();
      return work();
    };
    return this.lock.hold(tidied, (owner) =>
      this.manners.explain(`Waiting for ${owner ? `process ${owner}` : 'another process'}, which is at it already.`),
    );
  }
}
