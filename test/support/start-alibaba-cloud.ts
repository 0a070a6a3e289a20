import type { LoggedCall } from '../../src/alibaba-cloud-simulator/call-log.js';
import { type OidcProvider, RamAccount, type RoleSettings } from '../../src/alibaba-cloud-simulator/ram.js';
import {
  AlibabaCloudSimulator,
  SAMPLE_ACCOUNT_ID,
  type SimulatorOptions,
} from '../../src/alibaba-cloud-simulator/simulator.js';
import type { World } from '../../src/alibaba-cloud-simulator/world.js';

export interface AlibabaCloudSettings extends SimulatorOptions {
  /** What RAM was told of. */
  readonly issuer: string;
  /** `aliyun` when left out. */
  readonly clientIds?: readonly string[];
  /** Each trusts the provider and its client ids unless it says otherwise; `clinch-ops` and `clinch-readonly` when left out. */
  readonly roles?: readonly RoleSettings[];
  readonly fingerprints?: readonly string[];
  readonly issuanceLimitHours?: number;
}

export interface RunningAlibabaCloud {
  readonly url: string;
  /** What an app's `sts_url` and `signin_url` say. */
  readonly stsUrl: string;
  readonly signinUrl: string;
  readonly accountId: string;
  readonly provider: OidcProvider;
  readonly providerArn: string;
  roleArn(name: string): string;
  readonly world: World;
  /** Every request so far, without what is secret in it. */
  readonly calls: LoggedCall[];
  stop(): Promise<void>;
}

/** A simulated Alibaba Cloud on a free port, in whose RAM the issuer is registered as provider `clinch`. */
export async function startAlibabaCloud(settings: AlibabaCloudSettings): Promise<RunningAlibabaCloud> {
  const { issuer, clientIds = ['aliyun'], roles, fingerprints = [], issuanceLimitHours = 12, ...options } = settings;
  const account = new RamAccount(SAMPLE_ACCOUNT_ID);
  const facts = { clientIds: [...clientIds], fingerprints: [...fingerprints], issuanceLimitHours };
  const provider = account.addProvider({ name: 'clinch', issuer, ...facts });
  for (const role of roles ?? [{ name: 'clinch-ops' }, { name: 'clinch-readonly' }]) account.addRole(role);
  const simulator = new AlibabaCloudSimulator({ accounts: [account], allowLoopback: true, ...options });
  await simulator.listen();
  const { url, world, calls } = simulator;
  return {
    url,
    stsUrl: `${url}/`,
    signinUrl: `${url}/federation`,
    accountId: account.accountId,
    provider,
    providerArn: account.providerArn(provider),
    roleArn: (name) => account.roleArn({ name }),
    world,
    calls,
    stop: () => simulator.stop(),
  };
}
