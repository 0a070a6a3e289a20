import { sealedPlace } from '../../database/sealed.js';
import type { Keyring, SealedPlace } from '../../keyring/keyring.js';
import { IdentitySourceEntity } from './identity-source.entity.js';

/** The columns of a source that are sealed. */
export type SecretColumn = 'clientSecret' | 'callbackToken' | 'callbackAesKey';

/** Where a source's secret is sealed to: it opens nowhere else. */
export function sealPlace(sourceId: string, column: SecretColumn): SealedPlace {
  return sealedPlace(IdentitySourceEntity, column, sourceId);
}

/** One organisation's DingTalk as the flows see it. Its secrets are opened only when they are needed. */
export class IdentitySource {
  constructor(
    readonly settings: Readonly<IdentitySourceEntity>,
    private readonly keyring: Keyring,
  ) {}

  get id(): string {
    return this.settings.id;
  }

  /** The organisation's name, for people. */
  get name(): string {
    return this.settings.name;
  }

  get enabled(): boolean {
    return this.settings.enabled;
  }

  get corpId(): string {
    return this.settings.corpId;
  }

  get clientId(): string {
    return this.settings.clientId;
  }

  /** @throws {UndecryptableError} when the master key is not the one that it was sealed under */
  clientSecret(): string {
    return this.keyring.open(sealPlace(this.id, 'clientSecret'), this.settings.clientSecret);
  }

  /** What callbacks are signed and encrypted with; undefined while it is not set. @throws {UndecryptableError} */
  callbackKeys(): { readonly token: string; readonly aesKey: string } | undefined {
    const { callbackToken, callbackAesKey } = this.settings;
    if (callbackToken === null || callbackAesKey === null) return undefined;
    return {
      token: this.keyring.open(sealPlace(this.id, 'callbackToken'), callbackToken),
      aesKey: this.keyring.open(sealPlace(this.id, 'callbackAesKey'), callbackAesKey),
    };
  }
}
