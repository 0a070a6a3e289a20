import type { Answer } from './exchange.js';

/**
 * `ddlogin.js`: the component that shows the sign-in page in a frame of the app's page. The same global, parameters and
 * callbacks as DingTalk's, and the frame's messages are believed from this origin only.
 */
export function embeddedLoginScript(): Answer {
  const type = 'text/javascript; charset=utf-8';
  return { status: 200, headers: { 'content-type': type, 'access-control-allow-origin': '*' }, body: SCRIPT };
}

const SCRIPT = `(function () {
  var origin = new URL(document.currentScript.src).origin;
  window.DTFrameLogin = function (frame, login, onSuccess, onError) {
    var fail = function (message) { if (onError) onError(message); };
    var container = document.getElementById(frame.id);
    if (!container) return fail('Element not found');
    if (!login.client_id || !login.redirect_uri || !login.response_type || !login.scope) return fail('Missing parameters');
    // The caller has encoded redirect_uri already.
    var query = Object.keys(login).map(function (name) {
      return name + '=' + (name === 'redirect_uri' ? login[name] : encodeURIComponent(login[name]).replace(/%2B/g, '+'));
    });
    var element = document.createElement('iframe');
    element.src = origin + '/login/oauth2/auth?iframe=true&' + query.join('&');
    element.width = Math.max(frame.width || 300, 280);
    element.height = Math.max(frame.height || 300, 280);
    element.style.border = '0';
    container.innerHTML = '';
    container.appendChild(element);
    window.addEventListener('message', function (event) {
      if (event.origin !== origin || event.source !== element.contentWindow) return;
      var data = event.data || {};
      if (!data.success || !data.redirectUrl) return fail(data.errorMsg);
      var answer = new URL(data.redirectUrl).searchParams;
      onSuccess({ redirectUrl: data.redirectUrl, authCode: answer.get('authCode'), state: answer.get('state') });
    });
  };
})();
`;
