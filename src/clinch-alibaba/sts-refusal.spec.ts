import { describe, expect, it } from 'vitest';
import { refusal, withoutTokens } from './sts-refusal.js';

const PROVIDER = 'acs:ram::1234567890123456:oidc-provider/clinch';
const ROLE = 'acs:ram::1234567890123456:role/ops';
const SETTINGS = { issuer: 'https://id.example', clientId: 'aliyun-cli', folder: '' };
const ASKED = { oidcProviderArn: PROVIDER, roleArn: ROLE, sessionName: undefined, durationSeconds: 900, stsUrl: '' };
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

function words(status: number, code: string, message = TOKEN): string {
  return refusal({ status, code, message, requestId: 'R-1' }, ASKED, SETTINGS).message;
}

describe('a refusal of STS', () => {
  it.each([
    [401, 'AuthenticationFail.NoPermission', 'There is no permission.', `trust policy of ${ROLE}`],
    [401, 'AuthenticationFail.NoPermission', 'No such OIDC Provider registered.', `there is no ${PROVIDER}`],
    [
      401,
      'AuthenticationFail.OIDCToken.AudienceNotMatch',
      'Invalid audience.',
      'aliyun-cli is not among the client ids',
    ],
    [401, 'AuthenticationFail.OIDCToken.IssuerNotMatch', '', 'another issuer than https://id.example'],
    [401, 'AuthenticationFail.OIDCToken.Expired', '', 'Look at the clocks'],
    [401, 'AuthenticationFail.OIDCToken.InvalidSignature', '', 'keys of https://id.example'],
    [401, 'AuthenticationFail.OIDCToken.Invalid', '', 'RS256'],
    [401, 'AuthenticationFail.OIDCToken.IssuerConfigurationBroken', '', 'on the internet'],
    [401, 'AuthenticationFail.OIDCToken.HttpsUrlInvalid', '', 'certificate of https://id.example'],
    [401, 'AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch', '', 'another thumbprint'],
    [404, 'EntityNotExist.Role', '', `there is no ${ROLE}`],
    [400, 'Throttling.User', '', 'too often'],
    [429, 'Whatever', '', 'too often'],
    [503, 'ServiceUnavailable', '', 'cannot answer now'],
    [400, 'constructor', '', 'does not know'],
  ])('%s %s: is said in words, with its code and the id of the request', (status, code, message, expected) => {
    const said = words(status, code, message);
    for (const part of [expected, code, 'request R-1']) expect(said).toContain(part);
  });

  it('never holds what STS wrote, which may quote the token', () => {
    expect(words(400, 'Something.New')).not.toContain('eyJ');
  });

  it('has a message that may be shown: without the token, and without any other', () => {
    expect(withoutTokens(`${TOKEN} at sts.aliyuncs.com`, TOKEN)).toBe('[token] at sts.aliyuncs.com');
    expect(withoutTokens(`${TOKEN.slice(0, 40)}… and ${'c'.repeat(342)}`, TOKEN)).toBe('[token]… and [token]');
  });
});
