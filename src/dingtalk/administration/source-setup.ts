import type { ClinchConfig } from '../../config/clinch-config.js';
import type { IdentitySourceEntity } from '../source/identity-source.entity.js';
import { neededPermissions } from './permissions.js';
import type { SetupEvent, SetupStep, SourceSetup } from './source-setup.dto.js';

type Settings = Readonly<IdentitySourceEntity>;
type Addresses = Pick<SourceSetup, 'redirect_url' | 'events_url' | 'home_page_url' | 'in_app_host'>;

/** What changes the directory. */
const EVENTS: readonly SetupEvent[] = [
  { code: 'user_add_org', name: '通讯录用户增加' },
  { code: 'user_modify_org', name: '通讯录用户更改' },
  { code: 'user_leave_org', name: '通讯录用户离职' },
  { code: 'user_active_org', name: '加入企业后用户激活' },
  { code: 'org_admin_add', name: '通讯录用户被设为管理员' },
  { code: 'org_admin_remove', name: '通讯录用户被取消设置管理员' },
  { code: 'org_dept_create', name: '通讯录企业部门创建' },
  { code: 'org_dept_modify', name: '通讯录企业部门修改' },
  { code: 'org_dept_remove', name: '通讯录企业部门删除' },
  { code: 'label_user_change', name: '员工角色信息发生变更' },
  { code: 'label_conf_add', name: '增加角色或者角色组' },
  { code: 'label_conf_modify', name: '修改角色或者角色组' },
  { code: 'label_conf_del', name: '删除角色或者角色组' },
];

/** What to do in DingTalk's console for this source, with the exact values. */
export function setupOf(settings: Settings, config: ClinchConfig): SourceSetup {
  const addresses: Addresses = {
    redirect_url: config.url(`/dingtalk/${settings.id}/callback`),
    events_url: config.url(`/dingtalk/${settings.id}/events`),
    home_page_url: `${config.url('/launch/{client_id}')}?corpid=$CORPID$`,
    in_app_host: new URL(config.issuer).host,
  };
  const permissions = [...neededPermissions(settings)];
  const steps = [
    ...appSteps(settings),
    ...addressSteps(addresses),
    permissionStep(permissions.map(({ code, name }) => `${name} (${code})`)),
    ...eventSteps(settings, addresses),
    ...releaseSteps(),
  ];
  return { ...addresses, permissions, events: [...EVENTS], steps };
}

function appSteps({ corpId, clientId }: Settings): SetupStep[] {
  return [
    {
      place: 'open-dev.dingtalk.com → 应用开发 → 企业内部应用 → 钉钉应用',
      title: 'The app',
      title_zh: '创建应用',
      text: 'As main administrator, or as sub-administrator with developer rights, make an internal app, or take the one that is there.',
      text_zh: '以主管理员或拥有开发者权限的子管理员身份创建企业内部应用，或使用已有的应用。',
      values: [],
    },
    {
      place: '基础信息 → 凭证与基础信息',
      title: 'Credentials',
      title_zh: '应用凭证',
      text: 'Compare with what this source has. The CorpId stands on the home page of the console. The Client Secret works only once a version is published.',
      text_zh: '与身份源中填写的内容核对。CorpId 在开放平台首页。应用发布第一个版本之后 Client Secret 才会生效。',
      values: [
        { field: 'CorpId', value: corpId },
        { field: 'Client ID', value: clientId },
      ],
    },
  ];
}

function addressSteps({ redirect_url, in_app_host, home_page_url }: Addresses): SetupStep[] {
  return [
    {
      place: '开发配置 → 安全设置',
      title: 'Addresses that sign-ins come back to',
      title_zh: '登录回调与免登地址',
      text: 'Paste both. Under 服务器出口IP list the public addresses that this server calls from; the check names an address that is missing.',
      text_zh: '粘贴以下两项。并在“服务器出口IP”中填写本服务器的公网出口地址；如有遗漏，检查结果会给出该地址。',
      values: [
        { field: '重定向URL（回调域名）', value: redirect_url },
        { field: '端内免登地址', value: in_app_host },
      ],
    },
    {
      place: '添加应用能力 → 网页应用',
      title: 'The tile on the workbench',
      title_zh: '工作台首页地址',
      text: 'In both fields, with the client id of the app of Clinch that the tile opens. $CORPID$ stays as it is: DingTalk replaces it. A client whose field is empty does not show the tile. Further apps on the workbench are internal apps of their own, with this address too.',
      text_zh:
        '两项都填，并将 {client_id} 换成要打开的应用在 Clinch 中的 client id。$CORPID$ 原样保留，由钉钉替换。未填写的一端不会显示该应用。',
      values: [
        { field: '应用首页地址', value: home_page_url },
        { field: 'PC端首页地址', value: home_page_url },
      ],
    },
  ];
}

function permissionStep(names: readonly string[]): SetupStep {
  return {
    place: '开发配置 → 权限管理',
    title: 'Permissions',
    title_zh: '接口权限',
    text: 'Search for each and grant it (立即开通). Set 授权范围 to 全部员工: whoever is outside cannot sign in.',
    text_zh: '逐一搜索并点击“立即开通”。将“授权范围”设为“全部员工”，范围之外的员工无法登录。',
    values: names.map((value) => ({ field: '权限', value })),
  };
}

function eventSteps({ callbackEvents, streamEvents }: Settings, { events_url }: Addresses): SetupStep[] {
  const stream: SetupStep = {
    place: '开发配置 → 事件订阅',
    title: 'Events by Stream mode',
    title_zh: '事件订阅（Stream 模式）',
    text: 'Switch on stream_events here, choose Stream 模式推送 there, press 已完成接入，验证连接通道 and save. Then tick the events.',
    text_zh:
      '先在身份源中启用 stream_events，再选择“Stream 模式推送”，点击“已完成接入，验证连接通道”并保存，然后勾选事件。',
    values: ticked(),
  };
  const callback: SetupStep = {
    place: '开发配置 → 事件订阅',
    title: 'Events by HTTP push',
    title_zh: '事件订阅（HTTP 推送）',
    text: 'Make the keys by POST …/callback-keys, which shows them once, switch on callback_events here, and paste keys and address there. Saving tries the address. Then tick the events.',
    text_zh:
      '先通过 POST …/callback-keys 生成密钥（仅显示一次），在身份源中启用 callback_events，再把密钥和地址粘贴到控制台。保存时钉钉会验证地址，成功后勾选事件。',
    values: [
      { field: '加密 aes_key', value: 'POST …/callback-keys → callback_aes_key' },
      { field: '签名 token', value: 'POST …/callback-keys → callback_token' },
      { field: '请求网址', value: events_url },
      ...ticked(),
    ],
  };
  if (callbackEvents && streamEvents) return [stream, callback];
  return [callbackEvents ? callback : stream];
}

function ticked(): { field: string; value: string }[] {
  return EVENTS.map(({ code, name }) => ({ field: '事件', value: `${name} (${code})` }));
}

function releaseSteps(): SetupStep[] {
  return [
    {
      place: '应用发布 → 版本管理与发布',
      title: 'A version',
      title_zh: '发布版本',
      text: 'Make a version whose content (待发布内容) holds the web app (网页应用), or it disappears from the workbench. Set 应用可见范围 to 全部员工: by default only its maker sees it. Save, then publish (直接发布).',
      text_zh:
        '创建新版本，“待发布内容”必须包含网页应用，否则应用会从工作台消失。将“应用可见范围”设为“全部员工”（默认仅创建者可见）。保存后点击“直接发布”。',
      values: [
        { field: '待发布内容', value: '工作台应用（网页应用）' },
        { field: '应用可见范围', value: '全部员工' },
      ],
    },
    {
      place: 'Clinch',
      title: 'The check',
      title_zh: '检查配置',
      text: 'Run POST …/check: it tries the real calls and names what is missing. Then look at a sync’s dry run before the first sync.',
      text_zh: '调用 POST …/check：它会实际调用钉钉接口并指出缺少的配置。首次同步之前请先查看试运行的差异。',
      values: [],
    },
  ];
}
