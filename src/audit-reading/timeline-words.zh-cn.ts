import { federationFailuresZhCN } from './timeline-federation.zh-cn.js';
import { moreZhCN as more } from './timeline-more.js';
import type { TimelineWords } from './timeline-words.js';

export const timelineZhCN: TimelineWords = {
  events: {
    'authorization.requested': ({ app }) => `“${app}”将浏览器转到这里登录。`,
    'authorization.refused': ({ app, reason }) => `浏览器带着错误 ${reason} 返回“${app}”。`,
    'page.refused': () => '向用户显示了错误页面。',
    'sign_in.succeeded': ({ person, method }) => `${person}通过${method}登录成功。`,
    'sign_in.failed': ({ method }) => `通过${method}登录失败。`,
    'sign_in.slowed': () => '登录尝试过多，本次未作验证即被拒绝。',
    'access.refused': ({ app, person }) => `${person}未获准进入“${app}”。`,
    'subject.refused': ({ app, person }) => `“${app}”中没有${person}的标识。`,
    'consent.given': ({ app, person }) => `${person}同意了“${app}”的授权请求。`,
    'consent.denied': ({ app, person }) => `${person}拒绝了“${app}”的授权请求。`,
    'federation.opened': ({ app, person }) => `${person}以“${app}”中的角色进入了应用。`,
    'federation.failed': ({ app, person }) => `“${app}”没有让${person}进入。`,
    'code.issued': ({ app, person }) => `${person}进入“${app}”：已向应用签发授权码。`,
    'code.replayed': ({ app }) => `“${app}”再次使用了同一授权码。`,
    'token.issued': ({ app }) => `“${app}”已获取令牌。`,
    'session.ended': ({ person }) => `${person}的一个会话已结束。`,
    'session.handed_over': ({ person }) => `${person}转到另一个浏览器继续。`,
    'identity.linked': ({ person }) => `${person}已与组织中的人员关联。`,
    'identity.refused': () => '组织中的人员在此没有账号。',
    'identity.match_ambiguous': () => '有多个账号可能对应组织中的同一人员。',
    'client_authentication.failed': ({ app }) => `“${app}”未能证明自己的身份。`,
    'device.allowed': ({ app, person }) => `${person}允许了使用“${app}”的设备。`,
    'device.denied': ({ app, person }) => `${person}拒绝了使用“${app}”的设备。`,
    'device.code_refused': () => '输入的设备码不正确。',
    'account.returned': ({ person }) => `${person}已回到组织，账号重新启用。`,
    'account.departed': ({ person }) => `${person}已离开组织，账号已停用。`,
    'account.password_changed': ({ person }) => `${person}设置了新密码。`,
  },
  otherEvent: (event) => `记录：${event}。`,
  failures: {
    ...federationFailuresZhCN,
    unknown_name: () => ({
      why: '没有使用该用户名的账号。',
      advice: '请向用户确认输入的是哪个名称，可能是昵称或邮箱；正确的用户名可在人员信息中查到。',
    }),
    wrong_password: () => ({ why: '密码不正确。', advice: '请用户重试，或为其设置新密码。' }),
    account_disabled: () => ({
      why: '密码正确，但账号已停用。',
      advice: '如应允许登录，请重新启用账号。因离职停用的账号会在人员回到组织时自动启用。',
    }),
    slowed: () => ({
      why: '该地址或该用户名的失败次数过多。',
      advice: '请等待几分钟。如果很多人来自同一地址，请检查 CLINCH_TRUST_PROXY 是否填写了代理的地址。',
    }),
    access_refused: ({ app }) => ({
      why: `用户已登录，但没有任何授权允许其进入“${app}”：没有匹配的分配，或访问规则不允许。`,
      advice: '请将该人员、其用户组或部门分配给应用。应用的访问说明中有详细原因。',
    }),
    no_subject: ({ app, reason }) => ({
      why: `“${app}”按自己的规则标识人员，而该规则对此人没有得出可用的值（${reason}）。`,
      advice: '请检查应用的 sub 规则以及该人员的资料。',
    }),
    consent_denied: ({ app }) => ({
      why: `用户选择不向“${app}”授权。`,
      advice: '无需处理。用户可以重新打开应用并同意。',
    }),
    unknown_app: (facts) => ({
      why: `请求中的应用未在此注册。${more(facts)}`,
      advice: '请核对应用的 client_id 与应用列表，它可能属于另一台服务器。',
    }),
    app_disabled: () => ({ why: '该应用已在此停用。', advice: '如需使用，请重新启用。' }),
    redirect_uri_mismatch: (facts) => ({
      why: `应用要求返回的地址未登记，必须逐字一致。${more(facts)}`,
      advice: '请比较应用设置中的 redirect_uri 与此处的 redirect_uris，并修正有误的一方。',
    }),
    invalid_request: (facts) => ({
      why: `请求不完整或格式有误。${more(facts)}`,
      advice: '需由应用的开发者修正。可凭追踪编号在日志中查看详情。',
    }),
    interaction_expired: (facts) => ({
      why: `页面停留超过一小时、已在另一个标签页完成，或属于另一个浏览器。${more(facts)}`,
      advice: '请用户重新打开应用。如果每次都立即出现，说明浏览器没有保存 Cookie。',
    }),
    form_not_ours: () => ({
      why: '提交的表单缺少与此浏览器的绑定：页面停留过久，或浏览器没有保存 Cookie。',
      advice: '请用户允许本站的 Cookie，然后重新打开应用。',
    }),
    access_denied: ({ app, hint }) => ({
      why: app === '' ? `请求被拒绝。${hint === '' ? '' : `服务器记录：${hint}。`}` : `请求在“${app}”处被拒绝。`,
      advice: '原因见前面的记录。',
    }),
    too_many_requests: () => ({ why: '短时间内来自同一处的尝试过多。', advice: '请等待一分钟后重试。' }),
    server_error: (facts) => ({
      why: `服务器出现错误。${more(facts)}`,
      advice: '请凭追踪编号在日志中查找，kind 为 "refusal" 的一行写有原因。',
    }),
    database_away: () => ({
      why: '数据库未及时响应。',
      advice: '请检查数据库和 /readyz。没有数据丢失，用户可以重试。',
    }),
    dingtalk_code_refused: (facts) => ({
      why: `钉钉没有接受此次登录的授权码：已被使用或已过期。${more(facts)}`,
      advice: '请用户重试。如果问题依旧，请检查身份源，应用的密钥可能已更换。',
    }),
    handover_over: () => ({
      why: '从钉钉到浏览器的链接已被使用，或超过一分钟。',
      advice: '请用户在钉钉中重新打开应用。',
    }),
    sign_out_request_invalid: (facts) => ({
      why: `应用的退出请求格式有误。${more(facts)}`,
      advice: '需由应用的开发者修正。',
    }),
    post_logout_redirect_uri_mismatch: () => ({
      why: '应用要求退出后返回的地址未登记。',
      advice: '请将其加入 post_logout_redirect_uris，或在应用中修正。',
    }),
    members_only: () => ({
      why: '使用钉钉登录的人不是该组织的成员。',
      advice: '请使用属于该组织的钉钉账号登录。新成员可能需要先加入组织。',
    }),
    no_account: () => ({
      why: '此人在组织中，但在此没有账号，且身份源不会在登录时自动创建。',
      advice: '请执行同步、手动关联，或允许身份源自动创建账号。',
    }),
    dingtalk_away: (facts) => ({
      why: `钉钉未及时响应。${more(facts)}`,
      advice: '请用户重试。如果持续出现，请检查身份源，以及本服务器能否访问钉钉。',
    }),
    dingtalk_not_set_up: (facts) => ({
      why: `钉钉拒绝了本服务器的请求：钉钉应用缺少权限或设置。${more(facts)}`,
      advice: '请检查身份源，其中会指出缺少什么以及在哪里设置。',
    }),
    invalid_scope: (facts) => ({
      why: `应用请求了未获准的 scope。${more(facts)}`,
      advice: '请在此为应用添加该 scope，或从应用的请求中去掉。',
    }),
    login_required: () => ({
      why: '应用要求不显示页面（prompt=none），但没有人登录。',
      advice: '此处无需处理：应用应去掉 prompt=none 后重新转到登录。',
    }),
    interaction_required: () => ({
      why: '应用要求不显示页面（prompt=none），但有需要用户决定的事项。',
      advice: '此处无需处理：应用应去掉 prompt=none 后重新转到登录。',
    }),
    unsupported_response_type: () => ({
      why: '应用请求的不是授权码。',
      advice: '需由应用的开发者修正：response_type 必须为 code。',
    }),
    code_replayed: () => ({
      why: '授权码只能使用一次。由于其中一方可能是窃取者，由它产生的一切均已作废。',
      advice: '请检查应用是否重复发送请求。如果没有，可能有人看到了带授权码的地址。',
    }),
    client_authentication: (facts) => ({
      why: `应用的密钥不正确，或认证方式与登记的不一致。${more(facts)}`,
      advice: '请核对应用的密钥和 token_endpoint_auth_method。',
    }),
    other: (facts) => ({
      why: facts.reason === '' ? '该记录没有说明原因。' : `原因：${facts.reason}。${more(facts)}`,
      advice: '请凭追踪编号在日志中查找。',
    }),
  },
  methods: { pwd: '用户名和密码', dingtalk: '钉钉', dingtalk_in_app: '钉钉内免登' },
  unknownApp: '未知应用',
  somebody: '某人',
  ended: (app) => `用户已进入“${app}”。`,
  failed: (app) => (app === '' ? '登录失败。' : `在“${app}”的登录失败。`),
  open: (app) => (app === '' ? '登录尚未完成。' : `在“${app}”的登录尚未完成。`),
};
