import {
  type IdentityProvider,
  ProvidesIdentity,
  type SignInContext,
  type SignInWay,
} from '../../interaction/identity-provider.js';
import { MESSAGES } from '../../ui/messages.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { EMBEDDED_CODE_PATH } from './browser-scripts.js';
import { isInDingTalk } from './container.js';
import { SIGN_IN_PATHS } from './sign-in-addresses.js';

/**
 * The organisations that a person may sign in with. Inside DingTalk the container says who it is, without a page; the
 * code to scan is never shown there, for it cannot be drawn there and nobody could scan their own phone.
 */
@ProvidesIdentity({ id: 'dingtalk' })
export class DingTalkWays implements IdentityProvider {
  constructor(private readonly sources: IdentitySources) {}

  async ways({ request, interactionId, organisation }: SignInContext): Promise<readonly SignInWay[]> {
    const inside = isInDingTalk(request);
    const sources = await this.sources.enabled();
    const usable = sources.filter(({ settings }) => settings.browserSignIn || (inside && settings.inAppSignIn));
    const own = usable.filter(({ corpId }) => corpId === organisation);
    const offered = own.length > 0 ? own : usable;
    return offered.map((source) => {
      const label = labelOf(source, offered.length > 1);
      return inside ? insideWay(source, interactionId, label) : browserWay(source, interactionId, label);
    });
  }
}

function insideWay(source: IdentitySource, interactionId: string, label: SignInWay['label']): SignInWay {
  if (!source.settings.inAppSignIn) return { ...browserWay(source, interactionId, label), embedded: undefined };
  return { id: idOf(source), label, path: SIGN_IN_PATHS.inApp(source.id, interactionId), silent: true };
}

function browserWay(source: IdentitySource, interactionId: string, label: SignInWay['label']): SignInWay {
  return {
    id: idOf(source),
    label,
    path: SIGN_IN_PATHS.begin(source.id, interactionId),
    silent: false,
    embedded: source.settings.embeddedQr ? embeddedWay(source) : undefined,
  };
}

function idOf({ id }: IdentitySource): string {
  return `dingtalk:${id}`;
}

function embeddedWay({ id, settings }: IdentitySource): SignInWay['embedded'] {
  return {
    script: EMBEDDED_CODE_PATH,
    ask: SIGN_IN_PATHS.frame(id),
    origin: new URL(settings.loginBaseUrl).origin,
    callback: SIGN_IN_PATHS.callback(id),
  };
}

function labelOf({ name }: IdentitySource, oneOfSeveral: boolean): SignInWay['label'] {
  const [zh, en] = [MESSAGES['zh-CN'].login, MESSAGES.en.login];
  return oneOfSeveral
    ? { 'zh-CN': zh.withDingTalkOf(name), en: en.withDingTalkOf(name) }
    : { 'zh-CN': zh.withDingTalk, en: en.withDingTalk };
}
