/** What the demo's Alibaba Cloud and Clinch know of each other, as an administrator would have typed it in on both sides. */

/** The console's app in Clinch, and so the audience of its tokens. */
export const CONSOLE_APP = 'aliyun';
/** A command line's app: another audience, because people hold its tokens in their hands. */
export const COMMAND_LINE_APP = 'aliyun-cli';
/** The role of the console's app whose people may choose the RAM role for operations. */
export const OPS_ROLE = 'ops';
/** Whose people have that role: a department of the sample organisation, with those below it. */
export const OPS_DEPARTMENT = '运维部';

export const ACCOUNT_ID = '1234567890123456';
export const PROVIDER = 'clinch';
const RAM_OPS = 'clinch-ops';
export const RAM_READONLY = 'clinch-readonly';

/** What stands in RAM: the issuer, its client ids, and the roles with who is trusted to take them. */
export function ramSettings(issuer: string): object {
  const provider = { name: PROVIDER, issuer, clientIds: [CONSOLE_APP, COMMAND_LINE_APP] };
  const roles = [
    { name: RAM_OPS, trustPolicy: trustPolicy(issuer, [CONSOLE_APP]) },
    { name: RAM_READONLY, trustPolicy: trustPolicy(issuer, [CONSOLE_APP, COMMAND_LINE_APP]) },
  ];
  const account = { accountId: ACCOUNT_ID, alias: 'example', providers: [provider], roles };
  return { allowLoopback: true, accounts: [account] };
}

/** The app of Clinch's admin API. Everybody may enter as a reader; who may do more is for Clinch's access rules to say. */
export function consoleApp(alibabaCloud: string): object {
  return {
    client_id: CONSOLE_APP,
    client_name: '阿里云控制台 Alibaba Cloud',
    template: 'alibaba_cloud',
    template_settings: {
      account_id: ACCOUNT_ID,
      oidc_provider: PROVIDER,
      roles: [
        { name: RAM_OPS, display_name: '运维 Operations', app_role: OPS_ROLE },
        { name: RAM_READONLY, display_name: '只读 Read only' },
      ],
      sts_url: `${alibabaCloud}/`,
      signin_url: `${alibabaCloud}/federation`,
    },
  };
}

/** The role that the first of the RAM roles asks for. */
export function opsRole(): object {
  return { client_id: CONSOLE_APP, name: OPS_ROLE, description: 'May take the RAM role for operations' };
}

function trustPolicy(issuer: string, audiences: readonly string[]): object {
  const Condition = { StringEquals: { 'oidc:iss': issuer, 'oidc:aud': audiences } };
  const Principal = { Federated: [`acs:ram::${ACCOUNT_ID}:oidc-provider/${PROVIDER}`] };
  return { Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, Condition }] };
}
