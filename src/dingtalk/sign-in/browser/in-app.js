// Runs on the waiting page inside DingTalk: asks the bridge who is there, and hands the code to the server.
import { requestAuthCode$ as requestAuthCode } from 'dingtalk-jsapi/api/union/requestAuthCode.js';
import { requestAuthCode$ as requestAuthCodeOfOld } from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode.js';
import 'dingtalk-jsapi/platform/index.js';

/** Milliseconds that the bridge has. On a desktop there may be none, and then nothing ever answers. */
const LIMIT_MS = 3000;

const CANCELLED = '-1';

const { corpId, clientId, action, nonce, token, otherWay, cancelled } = document.getElementById('in-app').dataset;

let left = false;

/** Once only, and without a trace in the history: going back must not begin it again. */
function leaveFor(address) {
  if (left) return;
  left = true;
  location.replace(address);
}

/** The current call, and the older one where the client does not know it or the app was set up before it. */
async function askBridge() {
  try {
    return await requestAuthCode({ corpId, clientId });
  } catch (error) {
    if (isCancelled(error)) throw error;
    return requestAuthCodeOfOld({ corpId });
  }
}

function isCancelled(error) {
  return error !== null && typeof error === 'object' && String(error.errorCode) === CANCELLED;
}

function within(milliseconds, promise) {
  const limit = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('the bridge did not answer')), milliseconds);
  });
  return Promise.race([promise, limit]);
}

async function signIn() {
  let code;
  try {
    ({ code } = await within(LIMIT_MS, askBridge()));
  } catch (error) {
    leaveFor(isCancelled(error) ? cancelled : otherWay);
    return;
  }
  if (typeof code !== 'string' || code === '') {
    leaveFor(otherWay);
    return;
  }
  try {
    const body = new URLSearchParams({ code, nonce, csrf_token: token });
    const answer = await fetch(action, { method: 'POST', body, credentials: 'same-origin' });
    const { next } = await answer.json();
    leaveFor(typeof next === 'string' ? next : otherWay);
  } catch {
    // Cut off, or no answer of ours: the person may try again where the ways are listed.
    leaveFor(otherWay);
  }
}

void signIn();
