import type { FederationMessages } from './messages.federation.js';

const REPORT = '请把下面的追踪编号发给管理员';

export const federationZhCN: FederationMessages = {
  heading: '选择角色',
  documentTitle: (app) => `选择角色 · ${app}`,
  question: (app) => `你在“${app}”中有多个角色，请选择本次使用的角色：`,
  again: '重试',
  otherRole: '选择其他角色',
  failures: {
    trust_policy: (app, role) => ({
      title: '角色不允许你进入',
      explanation: `你已成功登录，但“${app}”中角色“${role}”的信任策略不允许你使用它。`,
      advice: `这需要“${app}”的管理员修改该角色的信任策略。${REPORT}。`,
    }),
    unknown_provider: (app) => ({
      title: '对方尚未信任此登录服务',
      explanation: `“${app}”中没有登记此登录服务（身份提供商），因此无法用它登录。`,
      advice: `这需要“${app}”的管理员创建或核对身份提供商。${REPORT}。`,
    }),
    unknown_role: (app, role) => ({
      title: '角色不存在',
      explanation: `“${app}”中没有角色“${role}”，它可能已被删除或改名。`,
      advice: `这需要“${app}”的管理员核对角色名称。${REPORT}。`,
    }),
    audience_refused: (app) => ({
      title: '对方不接受此应用',
      explanation: `“${app}”的身份提供商中没有登记此应用的客户端 ID，因此不接受这次登录。`,
      advice: `这需要“${app}”的管理员在身份提供商中添加客户端 ID。${REPORT}。`,
    }),
    issuer_refused: (app) => ({
      title: '登录服务的地址不一致',
      explanation: `“${app}”中登记的登录服务地址与实际地址不一致。`,
      advice: `这需要“${app}”的管理员核对身份提供商的颁发者 URL，须逐字一致。${REPORT}。`,
    }),
    token_expired: (app) => ({
      title: '登录凭证已过期',
      explanation: `“${app}”认为这次登录的凭证已过期。`,
      advice: `请重试。如果问题依旧，可能是服务器时钟不准，${REPORT}。`,
    }),
    signature_refused: (app) => ({
      title: '登录凭证未通过验证',
      explanation: `“${app}”无法验证此登录服务的签名。如果签名密钥刚刚更换，对方可能还在使用旧的公钥。`,
      advice: `请过几分钟重试。如果问题依旧，${REPORT}。`,
    }),
    token_refused: (app) => ({
      title: '对方不接受登录凭证',
      explanation: `“${app}”无法识别这次登录的凭证。`,
      advice: `这需要管理员检查此应用的设置。${REPORT}。`,
    }),
    issuer_unreachable: (app) => ({
      title: '对方无法访问此登录服务',
      explanation: `“${app}”需要从公网访问此登录服务来核对这次登录，但没有访问成功。`,
      advice: `请稍后重试。如果问题依旧，${REPORT}：需要检查此登录服务能否从公网访问。`,
    }),
    certificate_refused: (app) => ({
      title: '对方不信任此登录服务的证书',
      explanation: `“${app}”访问此登录服务时，不接受它的 HTTPS 证书。`,
      advice: `这需要管理员检查登录服务的证书链是否完整、有效。${REPORT}。`,
    }),
    thumbprint_mismatch: (app) => ({
      title: '证书指纹不一致',
      explanation: `“${app}”中登记的证书指纹与此登录服务当前的证书不一致，证书可能刚刚更换。`,
      advice: `这需要“${app}”的管理员更新身份提供商的证书指纹。${REPORT}。`,
    }),
    throttled: (app) => ({
      title: '对方暂时繁忙',
      explanation: `“${app}”收到的请求过多，暂时没有处理这次登录。`,
      advice: '请稍等片刻后重试。',
    }),
    session_refused: (app, role) => ({
      title: '未能打开控制台',
      explanation: `你已取得“${app}”的角色“${role}”，但对方没有为浏览器建立会话。`,
      advice: `请重试。如果问题依旧，${REPORT}。`,
    }),
    session_too_long: (app, role) => ({
      title: '会话时长超出限制',
      explanation: `“${app}”的角色“${role}”不允许本应用所要求的会话时长。`,
      advice: `需要管理员缩短会话时长，或者放宽该角色的最大会话时间。${REPORT}。`,
    }),
    timeout: (app) => ({
      title: '对方没有及时响应',
      explanation: `“${app}”没有在规定时间内回应这次登录，问题不在你这边。`,
      advice: `请稍后重试。如果问题依旧，${REPORT}。`,
    }),
    unreachable: (app) => ({
      title: '无法连接对方',
      explanation: `此登录服务暂时无法连接“${app}”，问题不在你这边。`,
      advice: `请稍后重试。如果问题依旧，${REPORT}：需要检查服务器的网络。`,
    }),
    unexpected: (app) => ({
      title: '对方的回应无法识别',
      explanation: `“${app}”没有让你进入，而且给出的原因无法识别。`,
      advice: `请稍后重试。如果问题依旧，${REPORT}。`,
    }),
    no_identity: (app) => ({
      title: '缺少进入应用所需的资料',
      explanation: `“${app}”需要你账号中的某项资料来识别你，但你的账号没有这项资料。`,
      advice: `这需要管理员补充你的资料或调整应用的设置。${REPORT}。`,
    }),
  },
};
