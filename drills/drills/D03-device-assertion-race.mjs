// Device codes polled ten times at once (RFC 8628 §3.4), and client assertions presented ten times (RFC 7523 §3: jti).
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { DEVICE_GRANT } from '../../bench/lib/settings.mjs';
import { exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { Outcomes, Race } from '../lib/race.mjs';
import { Visitor } from '../lib/visitor.mjs';

const DEVICES = 1_000;
const ASSERTIONS = 1_000;
/** For each an app of its own: one that fails so often is slowed down. */
const PER_APP = 1;

async function devices(drill, installation, race, visitor) {
  const outcomes = new Outcomes();
  const count = drill.count(DEVICES);
  let notOne = 0;
  for (let round = 0; round < count; round++) {
    const { json } = await visitor.client.post('/oidc/device_authorization', visitor.basic('device'), {
      scope: 'openid',
    });
    await visitor.browser.approveDevice(new URL(json.verification_uri_complete));
    const form = { grant_type: DEVICE_GRANT, device_code: json.device_code };
    const answers = await race.token(round, visitor.basic('device'), form);
    for (const answer of answers) outcomes.add(answer);
    if (answers.filter(({ status }) => status === 200).length !== 1) notOne++;
  }
  drill.figure('device codes', count, told());
  drill.figure('device codes without exactly one winner', notOne, exactly(0));
  drill.figure('device codes: answers of 500 or more', outcomes.faults, exactly(0));
  drill.note(`device codes: ${outcomes}`);
}

function assertionOf(privateKey, clientId, audience) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 60, jti: randomUUID() };
  const content = `${part({ alg: 'ES256', kid: 'k1' })}.${part(claims)}`;
  const signature = sign('SHA256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${content}.${signature.toString('base64url')}`;
}

async function assertions(drill, installation, race) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' }] };
  const outcomes = new Outcomes();
  const count = drill.count(ASSERTIONS);
  let notOne = 0;
  let clientId;
  for (let round = 0; round < count; round++) {
    if (round % PER_APP === 0) {
      const fields = {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks,
        grant_types: ['client_credentials'],
        api_access: [],
      };
      const { status, body } = await installation.admin('POST', '/apps', { client_name: `Keyed ${round}`, ...fields });
      if (status !== 201) throw new Error(`no app: ${status} ${JSON.stringify(body)}`);
      clientId = body.client_id;
    }
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertionOf(privateKey, clientId, installation.issuer),
    };
    const answers = await race.token(round, undefined, form);
    for (const answer of answers) outcomes.add(answer);
    if (answers.filter(({ status }) => status === 200).length !== 1) notOne++;
  }
  drill.figure('client assertions', count, told());
  drill.figure('client assertions without exactly one winner', notOne, exactly(0));
  drill.figure('client assertions: answers of 500 or more', outcomes.faults, exactly(0));
  drill.note(`client assertions: ${outcomes}`);
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D03',
  title: 'One device code, one client assertion, ten times at once',
  minutes: '4',
  async run(drill) {
    const installation = await Installation.start(drill, { nodes: 2 });
    const visitor = new Visitor(installation);
    const race = new Race(installation);
    await race.warm();
    await visitor.code('web');
    await devices(drill, installation, race, visitor);
    await assertions(drill, installation, race);
    drill.note('one state of a sign-in by DingTalk presented ten times: test/e2e/dingtalk-sign-in.e2e-spec.ts');
    await visitor.close();
    await race.close();
  },
};
