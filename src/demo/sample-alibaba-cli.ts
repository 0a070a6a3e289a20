import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT_ID, COMMAND_LINE_APP, PROVIDER, RAM_READONLY } from './sample-alibaba-cloud.js';

/** Where `npm run demo` leaves what `clinch-alibaba` needs, in its data folder. */
const SETTINGS = 'alibaba-cli.json';

/** The app of the command line for Alibaba Cloud: without a secret, and with roles for everybody who may enter it. */
export function commandLineApp(alibabaCloud: string): object {
  return {
    client_id: COMMAND_LINE_APP,
    client_name: '阿里云命令行 Alibaba Cloud CLI',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    scope: 'openid profile offline_access',
    // Exchanged at once: what somebody kept of it would let them in after they have left.
    id_token_lifetime: 300,
    sso_initiator: 'app',
    template: 'alibaba_cloud',
    template_settings: {
      account_id: ACCOUNT_ID,
      oidc_provider: PROVIDER,
      roles: [{ name: RAM_READONLY, display_name: '只读 Read only' }],
      sts_url: `${alibabaCloud}/`,
      signin_url: `${alibabaCloud}/federation`,
    },
  };
}

/** `clinch-alibaba` is started by hand, in another terminal, and finds there what it has to know. */
export function noteForCommandLine(data: string, issuer: string, alibabaCloud: string): void {
  const settings = {
    issuer,
    client_id: COMMAND_LINE_APP,
    oidc_provider_arn: `acs:ram::${ACCOUNT_ID}:oidc-provider/${PROVIDER}`,
    role_arn: `acs:ram::${ACCOUNT_ID}:role/${RAM_READONLY}`,
    sts_url: `${alibabaCloud}/`,
  };
  writeFileSync(join(data, SETTINGS), `${JSON.stringify(settings, null, 2)}\n`);
}
