import { type Desk, companyWith } from './desk.js';
import { type Answer, type Call, isObject, json, jsonObject, mediaType } from './exchange.js';
import type { NewPerson, PersonFields } from './person.js';
import { findPeople } from './people-search.js';

type Values = Readonly<Record<string, unknown>>;

/** A request that is wrong, in words for whoever made it. */
class ControlError extends Error {}

/**
 * The simulator's own addresses under `/simulator`, for demos and for tests in another process. Changes are asked for in
 * JSON only, which pages of other origins cannot send here.
 */
export function answerControl(desk: Desk, call: Call, path: string): Answer {
  try {
    const [, what = '', who = '', action = ''] = path.split('/').map(decodeURIComponent);
    if (call.method === 'GET') return look(desk, call, what) ?? notThere();
    if (mediaType(call) !== 'application/json') throw new ControlError('JSON, please.');
    const values = call.body === '' ? {} : jsonObject(call.body);
    if (!values) throw new ControlError('The body is no JSON object.');
    return change(desk, `${call.method} ${what}`, values, who, action) ?? notThere();
  } catch (error) {
    // Methods of the company throw plain errors that say what does not exist.
    if (error instanceof Error) return json({ error: error.message }, 400);
    throw error;
  }
}

function look({ world, events }: Desk, { query }: Call, what: string): Answer | undefined {
  const [first] = world.companies;
  const corpId = query.get('corpId') ?? first?.corpId ?? '';
  if (what === 'people') return json({ people: findPeople(world, query.get('query') ?? '', corpId) });
  if (what === 'faults') return json(world.faults);
  if (what === 'events') return json({ events: events.sent() });
  if (what === 'calls') return json({ calls: world.calls.of(query.get('path') ?? undefined) });
  return undefined;
}

function change(desk: Desk, what: string, values: Values, who: string, action: string): Answer | undefined {
  if (what === 'PUT faults') {
    desk.world.faults.apply(values);
    return json(desk.world.faults);
  }
  if (what === 'POST people' && who === '') return json(companyOf(desk, values).join(newPerson(values)), 201);
  if (what === 'POST people') return changePerson(desk, who, action, values);
  if (what === 'POST events' && who === 'release') {
    desk.events.release(values.order === 'reversed' ? 'reversed' : 'as-happened');
    return json({ events: desk.events.sent() });
  }
  if (what === 'POST events') {
    const payload = isObject(values.payload) ? values.payload : {};
    return json(desk.events.pushRaw(companyOf(desk, values).corpId, text(values, 'type'), payload), 201);
  }
  return undefined;
}

function changePerson(desk: Desk, userid: string, action: string, values: Values): Answer | undefined {
  const company = companyWith(desk, userid);
  const silent = values.silent === true;
  if (action === 'leave') company.leave(userid, { silent });
  else if (action === 'move') company.move(userid, numbers(values, 'deptIds'), { silent });
  else if (action === 'rehire') {
    const newUserid = typeof values.newUserid === 'string' ? { newUserid: values.newUserid } : {};
    return json(company.rehire(userid, { silent, ...newUserid }));
  } else if (action === 'change') company.change(userid, fieldsOf(values), { silent });
  else if (action === 'disable') company.disable(userid, values.disabled !== false, { silent });
  else return undefined;
  return json({ userid, person: company.person(userid) ?? null });
}

function companyOf({ world }: Desk, values: Values) {
  const company = world.companies.find(({ corpId }) => values.corpId === undefined || corpId === values.corpId);
  if (!company) throw new ControlError('There is no such organisation.');
  return company;
}

function newPerson(values: Values): NewPerson {
  const userid = typeof values.userid === 'string' ? { userid: values.userid } : {};
  return { ...fieldsOf(values), ...userid, name: text(values, 'name'), deptIds: numbers(values, 'deptIds') };
}

const TEXT_FIELDS = [
  'name',
  'mobile',
  'title',
  'email',
  'orgEmail',
  'jobNumber',
  'telephone',
  'workPlace',
  'managerUserid',
];

function fieldsOf(values: Values): PersonFields {
  const given = TEXT_FIELDS.filter((name) => values[name] === null || typeof values[name] === 'string');
  return Object.fromEntries(given.map((name) => [name, values[name] ?? undefined]));
}

function text(values: Values, name: string): string {
  const value = values[name];
  if (typeof value !== 'string' || value === '') throw new ControlError(`${name} is missing.`);
  return value;
}

function numbers(values: Values, name: string): number[] {
  const list: unknown = values[name];
  if (!Array.isArray(list) || !list.every((each): each is number => Number.isSafeInteger(each)) || list.length === 0) {
    throw new ControlError(`${name} is a list of numbers.`);
  }
  return list;
}

function notThere(): Answer {
  return json({ error: 'There is no such address.' }, 404);
}
