/** What DingTalk's own browser says it is, on each of its platforms. */
export const containerUserAgents = {
  ios: 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/23E246 AliApp(DingTalk/7.8.1) com.laiwang.DingTalk/46766536 Channel/201200 language/zh-Hans-CN UT4Aplus/0.0.6 WK',
  android:
    'Mozilla/5.0 (Linux; Android 10; V1981A Build/QP1A.190711.020; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.127 Mobile Safari/537.36 AliApp(DingTalk/6.0.30) com.alibaba.android.rimet/15213560 Channel/700159 language/zh-CN UT4Aplus/0.2.25 colorScheme/light',
  windows:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.5359.125 Safari/537.36 dingtalk-win/1.0.0 nw(0.14.7) DingTalk(7.8.10-Release.250724002) Mojo/1.0.0 Native AppType(release) Channel/201200 Architecture/x86_64',
} as const;

/** The one whose bridge bridgeScript installs. */
export const containerUserAgent = containerUserAgents.ios;

/**
 * The function of the page's that the bridge asks before it asks by HTTP. A browser test exposes it, so that the page's
 * own content security policy, which is no matter of DingTalk's, does not stand in the way:
 * `page.exposeBinding(bridgeBinding, (_, request) => dingtalk.answerBridge(request))`.
 */
export const bridgeBinding = 'askDingTalkSimulator';

export interface BridgeOptions {
  readonly simulatorUrl: string;
  /** Who uses the client; left out, whoever was chosen on the client page. */
  readonly userid?: string;
  /** For calls that name none. */
  readonly corpId?: string;
  readonly clientId?: string;
  /**
   * `answer`, the usual one, gives codes; `silent` never answers; `refuse` says that the page's host is not registered;
   * `cancelled` that the person declined.
   */
  readonly mode?: 'answer' | 'silent' | 'refuse' | 'cancelled';
}

/**
 * The script that makes a page believe it is in DingTalk's browser on iOS: `window.WebViewJavascriptBridge`, with the
 * two calls that give a code. It must run before any script of the page's.
 */
export function bridgeScript({ mode = 'answer', ...options }: BridgeOptions): string {
  const settings = JSON.stringify({ ...options, mode, binding: bridgeBinding }).replaceAll('<', String.raw`\u003c`);
  return `(${installBridge})(${settings});`;
}

// Plain JavaScript as text: it runs in a page, whatever the server was compiled for.
const installBridge = `function (settings) {
  if (window.WebViewJavascriptBridge) return;
  var methods = ['runtime.permission.requestAuthCodeV2', 'runtime.permission.requestAuthCode'];
  var ask = function (request) {
    var binding = window[settings.binding];
    if (typeof binding === 'function') return Promise.resolve(binding(request));
    var headers = { 'content-type': 'application/json' };
    return fetch(settings.simulatorUrl + '/client/auth-code', { method: 'POST', headers: headers, body: JSON.stringify(request) })
      .then(function (response) { return response.json(); });
  };
  var fail = function (errorCode, errorMessage) { return Promise.resolve({ errorCode: errorCode, errorMessage: errorMessage }); };
  var answer = function (name, params) {
    if (methods.indexOf(name) < 0) return fail('2', 'unknown method: ' + name);
    if (settings.mode === 'refuse') return fail('3', '对应企业没有' + location.hostname + '域名微应用');
    if (settings.mode === 'cancelled') return fail('-1', 'cancelled');
    return ask({
      userid: settings.userid || '',
      corpId: params.corpId || settings.corpId || '',
      clientId: name === methods[0] ? params.clientId || settings.clientId || '' : '',
      pageHost: location.host
    }).catch(function (error) { return { errorCode: '4', errorMessage: String(error) }; });
  };
  var handlers = {};
  window.WebViewJavascriptBridge = {
    init: function () {},
    registerHandler: function (name, handler) { handlers[name] = handler; },
    callHandler: function (name, params, callback) {
      if (settings.mode === 'silent') return;
      answer(name, params || {}).then(function (result) { if (callback) callback(result); });
    }
  };
  document.dispatchEvent(new Event('WebViewJavascriptBridgeReady'));
}`;
