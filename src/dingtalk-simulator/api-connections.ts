import { type ApiCall, textIn } from './api-route.js';
import { type Answer, isObject, json } from './exchange.js';
import { ApiRefusal } from './refusals.js';

/** `POST /v1.0/gateway/connections/open`: a ticket for one Stream connection. XML, unless JSON is asked for. */
export function openConnection({ world, call, body }: ApiCall): Answer {
  const app = world.authenticate(textIn(body, 'clientId'), textIn(body, 'clientSecret'));
  if (!app) throw new ApiRefusal(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret');
  if (!app.stream) throw new ApiRefusal(403, 'stream.notEnabled', '应用未开启Stream模式');
  const { endpoint, ticket } = world.streamTickets.open(app, takesEvents(body.subscriptions));
  if ((call.headers.accept ?? '').includes('application/json')) return json({ endpoint, ticket });
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Result><endpoint>${endpoint}</endpoint><ticket>${ticket}</ticket></Result>`;
  return { status: 200, headers: { 'content-type': 'application/xml;charset=UTF-8' }, body: xml };
}

// The only topic of events is the star; which of them are sent is chosen in the console.
function takesEvents(subscriptions: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(subscriptions) ? subscriptions : [];
  return list.some((each) => isObject(each) && each.type === 'EVENT' && each.topic === '*');
}
