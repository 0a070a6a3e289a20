import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp } from '../support/builders.js';
import { cloudApp, withCloud } from '../support/role-federation.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  withCloud(clinch);
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

async function refused(body: object): Promise<{ fields: string[]; text: string }> {
  const answer = await admin.call('POST', 'apps', body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(400);
  return { fields: fieldsOf(answer), text: String(answer.body['detail']) };
}

describe('an app with a template', () => {
  it('needs nothing but its settings, and is opened from the portal', async () => {
    const made = await admin.made('apps', cloudApp('plain-cloud'));
    expect(made).toMatchObject({
      template: 'some_cloud',
      template_settings: { account: '123456789012', roles: [{ name: 'reader' }] },
      grant_types: [],
      response_types: [],
      token_endpoint_auth_method: 'none',
      sso_initiator: 'portal_and_app',
    });
    expect(made).not.toHaveProperty('client_secret');
    const { body } = await admin.call('GET', 'apps/plain-cloud');
    expect(body).toMatchObject({ template: 'some_cloud', template_settings: made['template_settings'] });
  });

  it('is replaced with the same defaults, and changed field by field', async () => {
    await admin.made('apps', cloudApp('changing-cloud'));
    const replaced = await admin.call('PUT', 'apps/changing-cloud', cloudApp('changing-cloud', { client_name: 'New' }));
    expect(replaced.body).toMatchObject({ client_name: 'New', grant_types: [], sso_initiator: 'portal_and_app' });
    const settings = { account: '210987654321', roles: [{ name: 'other', display_name: '其他' }] };
    const changed = await admin.call('PATCH', 'apps/changing-cloud', { template_settings: settings });
    expect(changed.body).toMatchObject({ client_name: 'New', template_settings: settings });
    const tag = changed.headers.get('etag') ?? '';
    const late = await admin.call('PATCH', 'apps/changing-cloud', { client_name: 'x' }, { 'if-match': '"old"' });
    expect(late.status).toBe(412);
    expect((await admin.call('PATCH', 'apps/changing-cloud', { client_name: 'x' }, { 'if-match': tag })).status).toBe(
      200,
    );
    const back = await admin.call('PATCH', 'apps/changing-cloud', {
      template: null,
      template_settings: null,
      sso_initiator: 'app',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
    });
    expect(back.body).toMatchObject({ template: null, template_settings: null });
  });

  it('goes out and comes in as a line of an export', async () => {
    await admin.made('apps', cloudApp('moving-cloud'));
    const line = (await admin.call('GET', 'apps/moving-cloud')).body;
    const headers = { 'content-type': 'application/x-ndjson' };
    const again = { ...line, client_id: 'moved-cloud' };
    const sent = [line, again].map((each) => JSON.stringify(each)).join('\n');
    const imported = await admin.call('POST', 'apps/import', sent, headers);
    expect(imported.status).toBe(200);
    const { created_at: _one, updated_at: _two, client_id: _three, ...rest } = line;
    expect((await admin.call('GET', 'apps/moved-cloud')).body).toMatchObject(rest);
  });

  it('is noted with its settings, before and after', async () => {
    await admin.made('apps', cloudApp('noted-cloud'));
    const settings = { account: '111122223333', roles: [{ name: 'reader' }] };
    await admin.call('PATCH', 'apps/noted-cloud', { template_settings: settings });
    const { body } = await admin.call('GET', 'audit-events?event=app.changed&app=noted-cloud');
    expect(JSON.stringify(body)).toContain('111122223333');
  });
});

const OF_A_MACHINE = { grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_basic' };

describe('what is refused', () => {
  it.each<[string, Json, object[] | undefined, string[]]>([
    ['an unknown template', { template: 'no_cloud' }, undefined, ['template']],
    ['settings without a template', { template: null, ...OF_A_MACHINE }, undefined, ['template_settings']],
    ['a template without settings', { template_settings: null }, undefined, ['template_settings']],
    ['settings that are no object', { template_settings: [] }, undefined, ['template_settings']],
    [
      'a setting that is missing',
      { template_settings: { account: '123456789012' } },
      undefined,
      ['template_settings.roles'],
    ],
    ['no roles', {}, [], ['template_settings.roles']],
    ['a role without a name', {}, [{ name: '' }], ['template_settings.roles.0.name']],
    ['a member that nobody knows', {}, [{ name: 'a', colour: 1 }], ['template_settings.roles.0.colour']],
    ['a role twice', {}, [{ name: 'a' }, { name: 'a' }], ['template_settings.roles.1.name']],
    ['what the template itself minds', {}, [{ name: '123456789012' }], ['template_settings.roles.0.name']],
  ])('%s', async (_, differences, roles, fields) => {
    expect((await refused(cloudApp('refused-cloud', differences, roles))).fields).toEqual(fields);
  });

  it.each(['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'])(
    'roles of the app’s own where %s hands id tokens to people',
    async (grant) => {
      const more = { grant_types: [grant], redirect_uris: ['https://app.example/cb'], initiate_login_uri: null };
      const found = await refused(cloudApp('handing-cloud', more, [{ name: 'all' }, { name: 'ops', app_role: 'ops' }]));
      expect(found.fields).toEqual(['template_settings.roles.1.app_role']);
      expect(found.text).toContain('register an app of its own');
      await admin.made('apps', cloudApp(`handing-${grant.length}`, more, [{ name: 'all' }]));
    },
  );

  it('a grant that makes such an app of one that is there', async () => {
    await admin.made('apps', cloudApp('later-cloud', {}, [{ name: 'ops', app_role: 'ops' }]));
    const answer = await admin.call('PATCH', 'apps/later-cloud', {
      grant_types: ['authorization_code'],
      redirect_uris: ['https://app.example/cb'],
    });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual(['template_settings.roles.0.app_role']);
  });

  it('logout tokens beside a role of the app’s own: they are signed alike, for the same audience', async () => {
    const uri = { backchannel_logout_uri: 'https://app.example/logout' };
    const found = await refused(cloudApp('told-cloud', uri, [{ name: 'all' }, { name: 'ops', app_role: 'ops' }]));
    expect(found.fields).toEqual(['backchannel_logout_uri']);
    expect(found.text).toContain('whoever gets one could take every role');
    await admin.made('apps', cloudApp('told-cloud', uri));
    const later = await admin.call('PATCH', 'apps/told-cloud', {
      template_settings: { account: '123456789012', roles: [{ name: 'ops', app_role: 'ops' }] },
    });
    expect(later.status).toBe(400);
    expect(fieldsOf(later)).toEqual(['backchannel_logout_uri']);
  });

  it.each([{ default_max_age: 600 }, { default_acr_values: ['1'] }])(
    'a wish for a fresh sign-in, which no launch heeds: %j',
    async (wish) => {
      const found = await refused(cloudApp('fresh-cloud', wish));
      expect(found.fields).toEqual(Object.keys(wish));
      expect(found.text).toContain('a launch takes the session that is there');
    },
  );

  it('a template for apps that register themselves: it is not theirs to say', async () => {
    const response = await fetch(`${clinch.url}/oidc/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...cloudApp('own'), redirect_uris: ['https://app.example/cb'] }),
    });
    const { client_id: id } = (await response.json()) as { client_id: string };
    expect(response.status).toBe(201);
    expect((await admin.call('GET', `apps/${id}`)).body).toMatchObject({ template: null, template_settings: null });
  });
});

describe('a second template, made without a change in src', () => {
  it('is listed, with the schema of its settings in the OpenAPI document', async () => {
    const { body } = await admin.call('GET', 'app-templates');
    expect(body['items']).toContainEqual({
      id: 'some_cloud',
      name: 'Some Cloud',
      settings_schema: '#/components/schemas/CloudSettings',
    });
    const document = (await (await fetch(`${clinch.url}/admin/openapi.json`)).json()) as {
      components: { schemas: Record<string, Json> };
    };
    expect(document.components.schemas['CloudSettings']?.['properties']).toMatchObject({
      region: { type: 'string', enum: ['east', 'west'] },
      roles: { type: 'array', maxItems: 10 },
    });
  });

  it('says what to enter at the other side, and checks it', async () => {
    await admin.made('apps', cloudApp('set-up-cloud'));
    const setup = await admin.call('GET', 'apps/set-up-cloud/template-setup');
    expect(setup.body).toEqual({
      values: [{ name: 'audience', value: 'set-up-cloud' }],
      documents: [{ name: 'trust:reader', content: { aud: 'set-up-cloud', account: '123456789012' } }],
      commands: [{ name: 'configure', command: 'cloud configure --account 123456789012' }],
    });
    const check = await admin.call('POST', 'apps/set-up-cloud/template-check');
    expect(check.status).toBe(200);
    expect(check.body).toEqual({
      items: [
        { name: 'account', state: 'warning', detail: 'Nobody can tell from here.' },
        { name: 'app_roles', state: 'passed', detail: 'Every role is for everybody who may enter the app.' },
      ],
    });
  });

  it('says which roles the app does not have: they can be made only after it', async () => {
    const roles = ['ops', 'audit', 'ops'].map((role, index) => ({ name: `cloud-${index}`, app_role: role }));
    await admin.made('apps', cloudApp('roles-cloud', {}, roles));
    const looked = async (): Promise<Json | undefined> => {
      const { body } = await admin.call('POST', 'apps/roles-cloud/template-check');
      return (body['items'] as Json[]).find(({ name }) => name === 'app_roles');
    };
    const make = async (name: string): Promise<void> => {
      const made = await admin.call('POST', 'roles', { client_id: 'roles-cloud', name, permissions: [] });
      expect(made.status).toBe(201);
    };
    await make('audit');
    const missing = await looked();
    expect(missing).toMatchObject({ state: 'failed' });
    expect(missing?.['detail']).toContain('The app has no role ops, ');
    await make('ops');
    expect(await looked()).toMatchObject({ state: 'passed' });
  });

  it('has neither for an app that is not there, or has no template', async () => {
    const { clientId } = await anApp(clinch);
    for (const [method, name] of [
      ['GET', 'template-setup'],
      ['POST', 'template-check'],
    ] as const) {
      expect((await admin.call(method, `apps/nobody/${name}`)).status).toBe(404);
      expect((await admin.call(method, `apps/${clientId}/${name}`)).status).toBe(409);
    }
  });
});
