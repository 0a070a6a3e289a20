import { randomInt } from 'node:crypto';

/** A person as the admin API takes one; the password is the same for all of a run and comes separately. */
export interface SamplePerson {
  readonly username: string;
  readonly name: string;
  readonly [claim: string]: unknown;
}

/** Staff of a company that does not exist. The first has every standard claim of OpenID Connect Core §5.1. */
export const SAMPLE_PEOPLE: readonly SamplePerson[] = [
  {
    username: 'lin.xiaoyu',
    name: '林小雨',
    given_name: '小雨',
    family_name: '林',
    middle_name: 'Rain',
    nickname: '小雨',
    preferred_username: 'lin.xiaoyu',
    profile: 'https://staff.example.com/lin.xiaoyu',
    picture: 'https://staff.example.com/lin.xiaoyu.png',
    website: 'https://xiaoyu.example.com/',
    gender: 'female',
    birthdate: '1991-05-17',
    zoneinfo: 'Asia/Shanghai',
    locale: 'zh-CN',
    email: 'lin.xiaoyu@example.com',
    email_verified: true,
    phone_number: '+8613800138000',
    phone_number_verified: true,
    address: {
      formatted: '中国浙江省杭州市西湖区文三路 1 号\n310000',
      street_address: '西湖区文三路 1 号',
      locality: '杭州市',
      region: '浙江省',
      postal_code: '310000',
      country: '中国',
    },
  },
  {
    username: 'chen.wei',
    name: '陈伟',
    given_name: '伟',
    family_name: '陈',
    preferred_username: 'chen.wei',
    zoneinfo: 'Asia/Shanghai',
    locale: 'zh-CN',
    email: 'chen.wei@example.com',
    email_verified: true,
    phone_number: '+8613800138001',
    phone_number_verified: false,
  },
  {
    username: 'grace.miller',
    name: 'Grace Miller',
    given_name: 'Grace',
    family_name: 'Miller',
    preferred_username: 'grace.miller',
    zoneinfo: 'Europe/London',
    locale: 'en-GB',
    email: 'grace.miller@example.com',
    email_verified: true,
    address: { locality: 'London', country: 'United Kingdom' },
  },
  {
    username: 'daniel.oconnor',
    name: "Daniel O'Connor",
    given_name: 'Daniel',
    family_name: "O'Connor",
    nickname: 'Dan',
    preferred_username: 'daniel.oconnor',
    zoneinfo: 'America/New_York',
    locale: 'en-US',
    email: 'daniel.oconnor@example.com',
    email_verified: false,
  },
];

/** A claim of the app's own, by an expression: where in the organisation the person is. Whoever is nowhere has none. */
const DEPARTMENT = { name: 'department', value: 'user.departments[0].path.join(" / ")', in: ['id_token'] };

/** Where both apps have people back who signed out, and where they are told of those who did so elsewhere. */
function signingOut(origin: string): object {
  return {
    post_logout_redirect_uris: [`${origin}/signed-out`],
    backchannel_logout_uri: `${origin}/backchannel-logout`,
    backchannel_logout_session_required: true,
  };
}

/** A public client with PKCE: what a first app usually is. */
export function sampleWebApp(origin: string): object {
  return {
    client_id: 'sample-web-app',
    client_name: 'Sample web app',
    client_uri: origin,
    token_endpoint_auth_method: 'none',
    redirect_uris: [`${origin}/callback`],
    ...signingOut(origin),
    grant_types: ['authorization_code', 'refresh_token'],
    refresh_token_issuance: 'always',
    scope: 'openid profile email phone address',
    id_token_claims: [DEPARTMENT],
  };
}

/** A confidential client that asks the person's consent; the secret is in Clinch's answer. */
export function expensesApp(origin: string): object {
  return {
    client_id: 'expenses',
    client_name: 'Expenses 报销',
    client_uri: origin,
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: [`${origin}/callback`],
    ...signingOut(origin),
    grant_types: ['authorization_code'],
    scope: 'openid profile email phone address',
    require_consent: true,
    access_contact: 'Ask the finance desk: finance@example.com',
    id_token_claims: [DEPARTMENT, { name: 'roles', value: 'app.roles', in: ['id_token'] }],
  };
}

/** A role of that app: the first of the sample people has it. */
export function approverRole(clientId: string): object {
  return {
    client_id: clientId,
    name: 'approver',
    description: 'May approve expenses',
    permissions: ['expenses:approve'],
  };
}

/** An API that tokens can be for; its identifier is its address, as RFC 8707 §2 advises. */
export function sampleApi(origin: string): object {
  return {
    identifier: origin,
    name: 'Sample API',
    scopes: [{ name: 'orders:read', description: 'See your orders' }],
  };
}

/** A program without a browser of its own, which may call the API: no redirect URI, no secret. */
export function sampleCli(api: string): object {
  return {
    client_id: 'sample-cli',
    client_name: 'Sample command line',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    scope: 'openid profile email offline_access',
    api_access: [{ resource: api, scope: 'orders:read' }],
  };
}

const WORDS =
  'amber anchor apple badge basil birch bridge candle canyon cedar cloud copper coral daisy delta ember falcon fern ' +
  'forest garden ginger harbor hazel island ivory jasmine kettle lantern lemon lotus maple marble meadow mirror ' +
  'mountain nutmeg ocean olive orchard paper pebble pepper pine planet plum quartz rabbit raven ribbon river rocket ' +
  'saddle silver sparrow spruce summer sunset thunder tulip velvet violet walnut willow winter';

/** A password for one run that a person can read off a screen and type. */
export function samplePassword(): string {
  const words = WORDS.split(' ');
  const word = () => words[randomInt(words.length)] ?? 'maple';
  return `${word()}-${word()}-${word()}-${randomInt(10, 100)}`;
}
