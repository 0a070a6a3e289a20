import { randomInt } from 'node:crypto';
import { type TrustPolicy, flawOfTrustPolicy } from './trust-policy.js';

/** An issuer as somebody registered it in RAM (`CreateOIDCProvider`). Tests change the fields as an administrator would. */
export interface OidcProvider {
  readonly name: string;
  /** Equal to the token's `iss`, to the letter. */
  issuer: string;
  /** SHA-1, hex, of the last certificate that the issuer's host presents. Not looked at where the issuer is on loopback. */
  fingerprints: string[];
  clientIds: string[];
  /** 1–168: how old the `iat` of a token may be. */
  issuanceLimitHours: number;
}

/** A role as it stands in RAM (`CreateRole`). */
export interface RamRole {
  readonly name: string;
  readonly roleId: string;
  trustPolicy: TrustPolicy;
  /** 3,600–43,200. */
  maxSessionSeconds: number;
}

export interface RoleSettings {
  readonly name: string;
  /** Left out, it trusts every client id of every provider of the account. */
  readonly trustPolicy?: TrustPolicy;
  readonly maxSessionSeconds?: number;
}

const MOST_CLIENT_IDS = 50;
const MOST_FINGERPRINTS = 5;

/** An account of Alibaba Cloud, with what of its RAM matters here. It takes what RAM would take, and throws an Error for the rest. */
export class RamAccount {
  readonly providers: OidcProvider[] = [];
  readonly roles: RamRole[] = [];

  constructor(
    readonly accountId: string,
    readonly alias = `example-${accountId.slice(-4)}`,
  ) {
    if (!/^\d{5,20}$/.test(accountId)) throw new Error(`${accountId} is no account id: those are digits.`);
  }

  /** @throws Error saying which rule of `CreateOIDCProvider` is broken */
  addProvider(settings: Partial<OidcProvider> & Pick<OidcProvider, 'name' | 'issuer'>): OidcProvider {
    const provider = { fingerprints: [], clientIds: [], issuanceLimitHours: 12, ...settings };
    const { name, issuer, clientIds, fingerprints, issuanceLimitHours: hours } = provider;
    if (!/^[\w.-]{1,128}$/.test(name)) throw new Error(`${name} cannot be the name of a provider.`);
    if (this.providers.some((each) => each.name === name)) throw new Error(`There is a provider ${name} already.`);
    if (this.providers.some((each) => each.issuer === issuer)) throw new Error(`${issuer} is registered already.`);
    if (!/^https?:\/\/[^?#@]{1,247}$/.test(issuer)) throw new Error(`${issuer} cannot be registered as an issuer.`);
    if (clientIds.length > MOST_CLIENT_IDS) throw new Error('A provider has at most 50 client ids.');
    const odd = clientIds.find((id) => !/^[\w.:/-]+$/.test(id));
    if (odd !== undefined) throw new Error(`${odd} cannot be a client id.`);
    if (fingerprints.length > MOST_FINGERPRINTS) throw new Error('A provider has at most 5 fingerprints.');
    if (!(hours >= 1 && hours <= 168)) throw new Error('The issuance limit is 1 to 168 hours.');
    this.providers.push(provider);
    return provider;
  }

  /** @throws Error saying what RAM would not take: a trust policy without `oidc:iss` and `oidc:aud`, a name twice */
  addRole({ name, trustPolicy = this.#trustAll(), maxSessionSeconds = 43_200 }: RoleSettings): RamRole {
    if (!/^[\w.-]{1,64}$/.test(name)) throw new Error(`${name} cannot be the name of a role.`);
    if (this.role(name)) throw new Error(`There is a role ${name} already.`);
    if (!(maxSessionSeconds >= 3600 && maxSessionSeconds <= 43_200)) throw new Error('A session is 1 to 12 hours.');
    const flaw = flawOfTrustPolicy(trustPolicy);
    if (flaw !== undefined) throw new Error(`The trust policy of ${name}: ${flaw}`);
    const role = { name, roleId: `3${String(randomInt(1e14)).padStart(17, '0')}`, trustPolicy, maxSessionSeconds };
    this.roles.push(role);
    return role;
  }

  role(name: string): RamRole | undefined {
    // RAM does not tell upper from lower case in names.
    return this.roles.find((role) => role.name.toLowerCase() === name.toLowerCase());
  }

  providerArn({ name }: Pick<OidcProvider, 'name'>): string {
    return `acs:ram::${this.accountId}:oidc-provider/${name}`;
  }

  roleArn({ name }: Pick<RamRole, 'name'>): string {
    return `acs:ram::${this.accountId}:role/${name.toLowerCase()}`;
  }

  #trustAll(): TrustPolicy {
    return {
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Federated: this.providers.map((provider) => this.providerArn(provider)) },
          Condition: {
            StringEquals: {
              'oidc:iss': this.providers.map(({ issuer }) => issuer),
              'oidc:aud': this.providers.flatMap(({ clientIds }) => clientIds),
            },
          },
        },
      ],
    };
  }
}
