import { federationZhCN } from './messages.federation.zh-cn.js';
import type { Messages } from './messages.js';
import { portalZhCN } from './messages.portal.zh-cn.js';

/** Simplified Chinese, written as Chinese and not translated from the English beside it. */
export const zhCN: Messages = {
  common: {
    privacyPolicy: '隐私政策',
    termsOfService: '服务条款',
    privacyNotice: '隐私声明',
    opensInNewTab: '（在新标签页中打开）',
    signedInAs: '当前账号',
  },
  login: {
    heading: '使用企业账号登录',
    documentTitle: (app) => `登录 · ${app}`,
    destination: (app) => around('登录后将进入', app, '。'),
    ownDocumentTitle: '登录',
    ownDestination: '登录后将继续刚才的操作。',
    username: '用户名',
    password: '密码',
    submit: '登录',
    reauthenticateHeading: '请确认是你本人',
    reauthenticateReason: (app) => around('', app, '要求重新验证身份，请再次输入密码。'),
    usernameMissing: '请输入用户名',
    passwordMissing: '请输入密码',
    invalidCredentials: '用户名或密码不正确，请检查后重试。',
    tooManyAttempts: '尝试次数过多，请稍后再试。',
    tooManyAttemptsFor: (seconds) =>
      seconds < 60
        ? `尝试次数过多，请 ${seconds} 秒后再试。`
        : `尝试次数过多，请 ${Math.ceil(seconds / 60)} 分钟后再试。`,
    busy: '当前登录人数较多，请稍等片刻后重试。',
    or: '或',
    organisationHeading: '选择你的企业',
    noWay: '这里还没有可用的登录方式，请联系管理员。',
    reauthenticateElsewhereReason: (app) => around('', app, '要求重新验证身份，请再次登录。'),
    cancelled: '登录尚未完成。请重试，或选择其他登录方式。',
    withDingTalk: '使用钉钉登录',
    withDingTalkOf: (organisation) => `${organisation}（钉钉）`,
    codeTitle: '使用钉钉扫码登录',
  },
  inApp: {
    documentTitle: '正在登录',
    heading: '正在登录',
    body: '正在通过钉钉确认你的身份。如果几秒内没有反应，请使用其他方式登录。',
    otherWay: '使用其他方式登录',
  },
  launch: {
    openDirectlyTitle: (app) => around('请直接打开', app, ''),
    openDirectlyBody: (app) => around('', app, '没有可供跳转的网页。请在安装它的设备上启动，并从那里登录。'),
    elsewhereDocumentTitle: (app) => around('正在打开', app, ''),
    elsewhereHeading: '正在浏览器中打开',
    elsewhereBody: '这个应用将在系统浏览器中打开。如果没有反应，请点击下面的按钮。',
    openElsewhere: '在浏览器中打开',
    openHere: '仍在此处打开',
    handoverDocumentTitle: (app) => `继续 · ${app}`,
    handoverHeading: '在此浏览器中继续',
    handoverBody: '你从钉钉打开此页面，登录的账号是：',
    handoverCaution: '仅当你本人刚刚从钉钉打开此页面时，才可继续。',
  },
  selectAccount: {
    heading: '选择账号',
    documentTitle: (app) => `选择账号 · ${app}`,
    destination: (app) => around('你要用哪个账号进入', app, '？'),
    ownDocumentTitle: '选择账号',
    ownDestination: '你要用哪个账号继续？',
    current: '当前账号',
    continueAs: (displayName) => around('以', displayName, '的身份继续'),
    useAnother: '使用其他账号',
  },
  selectAppAccount: {
    heading: '选择账号',
    documentTitle: (app) => `选择账号 · ${app}`,
    question: (app) => around('你在', app, '中有多个账号，请选择一个：'),
    asLastTime: (username) => `${username}（上次使用）`,
    field: (app) => around('你在', app, '中的账号'),
  },
  refused: {
    heading: (app) => around('你没有使用', app, '的权限'),
    documentTitle: (app) => `没有权限 · ${app}`,
    ask: '如果工作需要，请按以下方式申请，并附上下面的追踪编号：',
    backTo: (app) => around('返回', app, ''),
  },
  consent: {
    heading: '授权申请',
    documentTitle: (app) => `授权申请 · ${app}`,
    request: (app) => around('', app, '希望获得以下权限：'),
    scopes: {
      openid: { title: '确认你的身份', detail: '知道登录的是你，并获得你的账号标识' },
      profile: { title: '查看你的基本资料', detail: '姓名、昵称、头像等' },
      email: { title: '查看你的邮箱地址', detail: '邮箱地址及其是否已验证' },
      phone: { title: '查看你的手机号', detail: '手机号及其是否已验证' },
      address: { title: '查看你的地址', detail: '资料中登记的通讯地址' },
      roles: { title: '查看你在该应用中的角色', detail: '组织为你在该应用中设置的角色' },
      groups: { title: '查看你所在的群组', detail: '你所在的各个群组的名称' },
      entitlements: { title: '查看你在该应用中的权限', detail: '你在该应用中可以执行的操作' },
      offline_access: { title: '在你离开后继续访问', detail: '无需你再次登录，即可继续使用以上权限' },
    },
    apiScope: (what, api) => ({ title: what, detail: `用于“${api}”` }),
    customScope: (what) => ({ title: what, detail: '由你的组织设定' }),
    otherScope: (name) => ({ title: name, detail: '由该应用定义的权限' }),
    returnTo: (host) => `随后将返回 ${host}`,
    allow: '同意',
    deny: '拒绝',
  },
  device: {
    documentTitle: '连接设备',
    heading: '连接设备',
    lead: '请输入设备或终端上显示的代码。',
    userCode: '代码',
    submit: '继续',
    codeMissing: '请输入设备上显示的代码',
    codeUnknown: '代码不正确或已过期，请检查后重试，或在设备上重新发起。',
    tooManyWrongCodes: (seconds) => `错误次数过多，请 ${Math.ceil(seconds / 60)} 分钟后，用设备上新生成的代码重试。`,
    confirmHeading: '要连接这台设备吗？',
    confirmDocumentTitle: (app) => `要连接这台设备吗？ · ${app}`,
    compare: '请核对设备上显示的代码是否一致：',
    requestedFrom: '请求来源',
    requestedAt: '请求时间',
    minutesAgo: (minutes) => (minutes < 1 ? '刚刚' : `${minutes} 分钟前`),
    caution:
      '仅当这是你本人在自己的设备上发起的请求时，才可同意。如果代码或链接是别人发给你的，请选择“拒绝”，否则对方将以你的账号登录。',
    allow: '同意',
    deny: '拒绝',
    allowedTitle: '设备已连接',
    allowedBody: (app) => around('', app, '已在该设备上以你的账号登录。请关闭此页面，回到设备继续操作。'),
    deniedTitle: '已拒绝该设备',
    deniedBody: (app) => around('', app, '不会在该设备上获得访问权限。你可以关闭此页面。'),
    overTitle: '请求已结束',
    overBody: '该请求已被处理或已过期。如果仍有需要，请在设备上重新发起。',
  },
  formPost: {
    heading: '正在返回应用',
    returningTo: (host) => `正在带你返回 ${host}。如果页面没有跳转，请点击“继续”。`,
    returning: '正在带你返回应用。如果页面没有跳转，请点击“继续”。',
    proceed: '继续',
  },
  federation: federationZhCN,
  portal: portalZhCN,
  logout: {
    confirmHeading: '要退出登录吗？',
    confirmDocumentTitle: (app) => `退出登录 · ${app}`,
    confirmBody: '此浏览器中的登录将结束，从这里打开的应用也会一并退出。',
    confirmBodyFor: (app) =>
      around('', app, '请求退出你的登录。此浏览器中的登录将结束，从这里打开的其他应用也会一并退出。'),
    allow: '退出登录',
    deny: '保持登录',
    doneHeading: '你已退出登录',
    doneBody: (displayName) => around('', displayName, '已在此浏览器中退出登录。你可以关闭此页面。'),
    doneNothing: '你此前已经退出登录。你可以关闭此页面。',
    stayingHeading: '仍在此浏览器中登录的账号',
    signOutToo: '继续退出该账号',
    toldHeading: '以下应用也会一并退出',
    again: '重新登录',
    proceed: '继续',
  },
  error: {
    nextHeading: '接下来怎么办',
    detailsHeading: '详细信息',
    code: '错误代码',
    traceId: '追踪编号',
    time: '时间',
    home: '返回首页',
    signIn: '返回登录页',
    signOut: '退出登录',
    situations: {
      unknown_app: {
        title: '找不到这个应用',
        explanation: '登录请求来自一个未在此处注册的应用。',
        advice: '请回到应用重新打开。如果问题依旧，请把下面的追踪编号发给管理员。',
      },
      app_disabled: {
        title: '应用已停用',
        explanation: '管理员已停用这个应用，暂时无法登录。',
        advice: '如果你仍需使用，请联系管理员。',
      },
      redirect_uri_mismatch: {
        title: '无法安全返回应用',
        explanation: '应用要求返回的地址与登记的不一致。为保护你的账号，登录已中止。',
        advice: '这需要应用的开发者来修正，请把下面的追踪编号发给他们或管理员。',
      },
      invalid_request: {
        title: '无法处理登录请求',
        explanation: '应用发来的登录请求不完整或有误。',
        advice: '请回到应用重新登录。如果问题依旧，请把下面的追踪编号发给管理员。',
      },
      interaction_expired: {
        title: '登录页面已过期',
        explanation: '这次登录停留的时间过长，或已经在别处完成。',
        advice: '请回到应用重新登录，或从首页重新开始。',
      },
      form_not_ours: {
        title: '无法确认此次提交',
        explanation: '提交的表单不是从这个浏览器打开的本站页面发出的，或浏览器没有保存 Cookie。',
        advice: '请确认浏览器允许 Cookie，然后重新打开页面再试一次。',
      },
      access_denied: {
        title: '你没有使用此应用的权限',
        explanation: '你已成功登录，但管理员尚未为你的账号开通这个应用。',
        advice: '如果工作需要，请向管理员申请，并附上下面的追踪编号。',
      },
      account_disabled: {
        title: '账号已停用',
        explanation: '这个账号已被停用，无法登录。',
        advice: '如有疑问，请联系管理员。',
      },
      not_found: {
        title: '页面不存在',
        explanation: '这个地址没有对应的页面。',
        advice: '请检查地址是否正确，或直接打开你要使用的应用。',
      },
      too_many_requests: {
        title: '操作过于频繁',
        explanation: '短时间内收到了太多请求。',
        advice: '请稍等片刻后重试。',
      },
      server_error: {
        title: '服务出了点问题',
        explanation: '登录服务遇到意外错误，问题不在你这边。',
        advice: '请稍后重试。如果问题依旧，请把下面的追踪编号发给管理员。',
      },
      handover_over: {
        title: '链接已失效',
        explanation: '链接只能使用一次，一分钟内有效，并且需要你在钉钉中保持登录。',
        advice: '请回到钉钉，重新打开应用。',
      },
      sign_out_request_invalid: {
        title: '无法处理此退出请求',
        explanation: '应用发来的退出请求有误，因此没有退出任何账号的登录。',
        advice: '如需退出，请点击下方按钮。该请求需由应用的开发者修正，可凭追踪编号在日志中查到原因。',
      },
      post_logout_redirect_uri_mismatch: {
        title: '无法返回应用',
        explanation:
          '应用要求在退出后返回一个未登记的地址（post_logout_redirect_uri）。为保护你的安全，我们已停止处理，你尚未退出登录。',
        advice: '如需退出，请点击下方按钮。该地址需由应用的开发者修正，请把下面的追踪编号发给他们或管理员。',
      },
      dingtalk_code_refused: {
        title: '钉钉未能确认此次登录',
        explanation: '登录凭证已被使用，或已过期。',
        advice: '请重新登录。如果问题依旧，请把下面的追踪编号发给管理员。',
      },
    },
    namedSituations: {
      members_only: (organisation) => ({
        title: around('仅限', organisation, '的成员登录'),
        explanation: around('你已通过钉钉登录，但钉钉显示你不是', organisation, '的成员。'),
        advice: around('请使用属于', organisation, '的钉钉账号登录，或请其管理员将你加入。'),
      }),
      no_account: (organisation) => ({
        title: '你还没有账号',
        explanation: around('钉钉显示你是', organisation, '的成员，但这里还没有为你开通账号。'),
        advice: '请向管理员申请开通，并附上下面的追踪编号。',
      }),
      dingtalk_away: (organisation) => ({
        title: '钉钉暂时没有响应',
        explanation: around('暂时无法向钉钉确认你是否为', organisation, '的成员，问题不在你这边。'),
        advice: '请稍等片刻后重试。',
      }),
      dingtalk_not_set_up: (organisation) => ({
        title: '与钉钉的连接配置有误',
        explanation: around('钉钉拒绝了有关', organisation, '的查询，暂时无法以此方式登录。'),
        advice: '请联系管理员，并附上下面的追踪编号。缺少什么，日志中有说明。',
      }),
    },
  },
};

const LATIN_END = /[\p{Script=Latin}\p{Nd}]$/u;
const LATIN_START = /^[\p{Script=Latin}\p{Nd}]/u;
const HAN_END = /\p{Script=Han}$/u;
const HAN_START = /^\p{Script=Han}/u;

/** Puts a name into a Chinese sentence. Between Han and Latin there is a gap; between Han and Han there is none. */
function around(before: string, name: string, after: string): string {
  return joined(joined(before, name.trim()), after);
}

function joined(left: string, right: string): string {
  const meet = (HAN_END.test(left) && LATIN_START.test(right)) || (LATIN_END.test(left) && HAN_START.test(right));
  return meet ? `${left} ${right}` : `${left}${right}`;
}
