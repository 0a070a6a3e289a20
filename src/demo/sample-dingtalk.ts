/** What the demo's DingTalk and Clinch know of each other, as an administrator would have typed it in on both sides. */

/** The id of the identity source; it stands in the addresses below. */
export const DINGTALK_SOURCE = 'demo';

/** The credentials of the app that Clinch is in DingTalk. */
export interface DingTalkApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly callbackToken: string;
  readonly callbackAesKey: string;
}

/** An app on DingTalk's workbench: a home page that leads to Clinch, and from there to the app. */
export interface Tile {
  readonly name: string;
  /** The app's id in Clinch. */
  readonly clientId: string;
}

const CORP_ID = 'dingcorp0001';

/** The apps of DingTalk's console. The first one is Clinch itself; each has a tile. */
export function dingtalkApps(issuer: string, app: DingTalkApp, tiles: readonly Tile[]): object[] {
  return tiles.map(({ name, clientId }, index) => {
    const home = `${issuer}/launch/${clientId}?corpid=$CORPID$`;
    const own = { name, mobileHomeUrl: home, pcHomeUrl: home, agentId: 1_000_001 + index };
    if (index > 0) return { ...own, clientId: `${app.clientId}-${index}`, stream: false };
    return {
      ...own,
      clientId: app.clientId,
      clientSecret: app.clientSecret,
      redirectUris: [`${issuer}/dingtalk/${DINGTALK_SOURCE}/callback`],
      callback: {
        url: `${issuer}/dingtalk/${DINGTALK_SOURCE}/events`,
        token: app.callbackToken,
        aesKey: app.callbackAesKey,
      },
    };
  });
}

/** The identity source of Clinch's admin API. */
export function identitySource(dingtalk: string, app: DingTalkApp): object {
  return {
    id: DINGTALK_SOURCE,
    name: '示例公司 Example Co.',
    corp_id: CORP_ID,
    client_id: app.clientId,
    client_secret: app.clientSecret,
    callback_token: app.callbackToken,
    callback_aes_key: app.callbackAesKey,
    callback_events: true,
    stream_events: true,
    login_base_url: `${dingtalk}/login`,
    api_base_url: `${dingtalk}/api`,
    oapi_base_url: `${dingtalk}/oapi`,
  };
}
