import type { SetupCheck } from '../app-templates/app-template.js';

type WordsByName = Readonly<Record<string, string>>;

/** The words of the pages about apps that are registered by a template. What a template calls something else is shown as it is. */
export interface AppsMessages {
  readonly title: string;
  readonly lead: string;
  readonly none: string;
  readonly app: string;
  readonly clientId: string;
  readonly template: string;
  readonly state: string;
  /** By the id of the template. */
  readonly templates: WordsByName;
  readonly steps: string;
  /** By the id of the template. */
  readonly stepsOf: Readonly<Record<string, readonly string[]>>;
  readonly values: string;
  readonly copyHint: string;
  readonly documents: string;
  readonly commands: string;
  /** By the part of a name that is before the colon; what is behind it is the role. */
  readonly names: WordsByName;
  readonly check: string;
  readonly checkLead: string;
  readonly checkNow: string;
  readonly mayNotWrite: string;
  readonly checked: string;
  readonly result: string;
  readonly found: string;
  readonly states: Readonly<Record<SetupCheck['state'], string>>;
  /** By the name of the check. */
  readonly checks: WordsByName;
}

export const appsZhCN: AppsMessages = {
  title: '集成应用',
  lead: '通过模板接入、以 Clinch 作为 OIDC 身份提供商的应用，例如阿里云。',
  none: '还没有这样的应用。请用管理 API 注册：template 填写模板，template_settings 填写设置。',
  app: '应用',
  clientId: '客户端 ID',
  template: '模板',
  state: '状态',
  templates: { alibaba_cloud: '阿里云' },
  steps: '配置步骤',
  stepsOf: {
    alibaba_cloud: [
      '在 RAM 控制台“集成管理 → SSO 管理 → 角色 SSO → OIDC”中创建身份提供商，填写下面的颁发者 URL、客户端 ID、指纹和时限；或使用下面的命令。',
      '为每个角色创建可信实体为该身份提供商的 RAM 角色，信任策略填写下面的内容，再为角色授予权限。',
      '点击“立即检查”，确认阿里云能够访问并接受本身份提供商。',
      '在钉钉开发者后台，将应用入口地址加上 ?corpid=$CORPID$ 填入工作台应用的首页地址。',
    ],
  },
  values: '在对方填写的值',
  copyHint: '点击一次即可选中整个值，然后复制。',
  documents: '信任策略',
  commands: '命令',
  names: {
    issuer: '颁发者 URL（Issuer）',
    client_id: '客户端 ID',
    thumbprint: '验证指纹（SHA-1）',
    oidc_provider_arn: '身份提供商 ARN',
    issuance_limit_hours: '允许最早颁发时间（小时）',
    role_arn: '角色 ARN',
    launch_url: '应用入口地址',
    trust_policy: '角色的信任策略',
    create_oidc_provider: '身份提供商尚不存在：创建',
    add_client_id: '身份提供商已存在：改为只添加客户端 ID',
    create_role: '角色尚不存在：创建',
    update_role: '角色已存在：改为更新其信任策略',
    configure_cli: '配置阿里云 CLI',
  },
  check: '检查',
  checkLead: '从本服务器检查对方能否访问并接受本身份提供商。只有对方的实际应答才是最终依据。',
  checkNow: '立即检查',
  mayNotWrite: '当前应用没有修改应用的权限，不能在此检查。',
  checked: '检查项',
  result: '结果',
  found: '发现',
  states: { passed: '通过', warning: '注意', failed: '未通过' },
  checks: {
    issuer_form: '颁发者 URL 的写法',
    issuer_public: '颁发者 URL 在公网上',
    issuer_reachable: '可通过 HTTPS 读取发现文档',
    issuer_exact: '发现文档中的颁发者完全一致',
    keys: '公钥中有当前签名密钥',
    certificate: '证书链完整且受信任',
    algorithm: '签名算法',
    client_id: '客户端 ID 的写法',
    token_lifetime: 'ID Token 有效期不超过允许的时限',
    session_seconds: '会话时长',
    grants: '授权方式',
    app_roles: '应用中有所需的角色',
  },
};

export const appsEn: AppsMessages = {
  title: 'Integrated apps',
  lead: 'Apps that were registered by a template and trust Clinch as their OpenID provider, such as Alibaba Cloud.',
  none: 'There is none yet. Register one by the admin API, with a template and its template_settings.',
  app: 'App',
  clientId: 'Client ID',
  template: 'Template',
  state: 'State',
  templates: { alibaba_cloud: 'Alibaba Cloud' },
  steps: 'What to do',
  stepsOf: {
    alibaba_cloud: [
      'In the RAM console, under Integrations → SSO → Role-based SSO → OIDC, create an identity provider with the issuer, client ID, thumbprint and limit below; or use the command.',
      'For each role create a RAM role that trusts that provider, with the trust policy below, and grant it permissions.',
      'Press “Check now” to see whether Alibaba Cloud can reach this provider and will accept it.',
      'In DingTalk’s developer console, enter the address that opens the app, with ?corpid=$CORPID$ behind it, as the home page of an app of the workbench.',
    ],
  },
  values: 'What to enter at the other side',
  copyHint: 'One click selects a whole value, to be copied.',
  documents: 'Trust policies',
  commands: 'Commands',
  names: {
    issuer: 'Issuer',
    client_id: 'Client ID',
    thumbprint: 'Thumbprint (SHA-1)',
    oidc_provider_arn: 'ARN of the provider',
    issuance_limit_hours: 'Issuance limit (hours)',
    role_arn: 'ARN of the role',
    launch_url: 'Address that opens the app',
    trust_policy: 'Trust policy of the role',
    create_oidc_provider: 'If there is no such provider: create it',
    add_client_id: 'If the provider is there already, instead: add the client ID to it',
    create_role: 'If there is no such role: create it',
    update_role: 'If the role is there already, instead: replace its trust policy',
    configure_cli: 'Configure the Alibaba Cloud CLI',
  },
  check: 'Check',
  checkLead:
    'Looks from this server whether the other side can reach this provider and will accept it. The last word has the other side’s own answer.',
  checkNow: 'Check now',
  mayNotWrite: 'This app may not change apps, so it cannot check here.',
  checked: 'Checked',
  result: 'Result',
  found: 'Found',
  states: { passed: 'passed', warning: 'look at it', failed: 'failed' },
  checks: {
    issuer_form: 'Form of the issuer',
    issuer_public: 'The issuer is on the internet',
    issuer_reachable: 'Discovery can be read by HTTPS',
    issuer_exact: 'The issuer in it is the same to the letter',
    keys: 'The signing key is among the keys',
    certificate: 'The certificate chain is whole and trusted',
    algorithm: 'Signing algorithm',
    client_id: 'Form of the client ID',
    token_lifetime: 'Lifetime of id tokens within the limit',
    session_seconds: 'Length of sessions',
    grants: 'Grants',
    app_roles: 'The app has the roles that are asked for',
  },
};
