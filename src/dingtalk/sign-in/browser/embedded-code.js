// Shows DingTalk's code to scan within the sign-in page. Without it there is the button beside.

/** Milliseconds after which what protects the sign-in is nearly over, and a fresh code is shown. */
const FRESH_FOR_MS = 9 * 60 * 1000;

/** How often: then the sign-in page itself has expired. */
const TIMES = 6;

const place = document.getElementById('embedded');

/** On a phone there is no second phone to scan with, and inside DingTalk the code cannot be drawn. */
function isOfUse() {
  return matchMedia('(min-width: 521px)').matches && !/Mobi|DingTalk/i.test(navigator.userAgent);
}

async function show(timesLeft) {
  const { ask, interaction, token, title } = place.dataset;
  const body = new URLSearchParams({ interaction, csrf_token: token });
  const answer = await fetch(ask, { method: 'POST', body, credentials: 'same-origin' });
  if (!answer.ok) return;
  const { address } = await answer.json();
  const frame = document.createElement('iframe');
  frame.title = title;
  // DingTalk may compare who shows it with where it sends the answer.
  frame.referrerPolicy = 'origin';
  frame.src = address;
  place.textContent = '';
  place.appendChild(frame);
  place.hidden = false;
  if (timesLeft > 1) setTimeout(() => show(timesLeft - 1).catch(hide), FRESH_FOR_MS);
}

function hide() {
  place.hidden = true;
}

/** Only the frame of DingTalk's own origin is listened to, and it can send the browser nowhere but to our callback. */
function listen(event) {
  const { origin, callback } = place.dataset;
  const frame = place.querySelector('iframe');
  if (event.origin !== origin || frame === null || event.source !== frame.contentWindow) return;
  const redirectUrl = event.data && event.data.redirectUrl;
  if (typeof redirectUrl !== 'string' || !redirectUrl.startsWith(`${callback}?`)) return;
  removeEventListener('message', listen);
  location.assign(redirectUrl);
}

if (place !== null && isOfUse()) {
  addEventListener('message', listen);
  show(TIMES).catch(hide);
}
