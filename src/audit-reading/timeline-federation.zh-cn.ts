import type { FederationFailureWords } from './timeline-words.js';
import { moreZhCN as more } from './timeline-more.js';

/** The same in Chinese. */
export const federationFailuresZhCN: FederationFailureWords = {
  'federation.trust_policy': (facts) => ({
    why: `“${facts.app}”中该角色的信任策略与 id_token 不符。${more(facts)}`,
    advice: '请将角色的信任策略与应用设置页给出的内容核对：颁发者、客户端 ID 和 sub。',
  }),
  'federation.unknown_provider': (facts) => ({
    why: `“${facts.app}”中没有这个名称的身份提供商。${more(facts)}`,
    advice: '请按应用设置页给出的内容在对方创建，或修正应用设置中的名称和账号。',
  }),
  'federation.unknown_role': (facts) => ({
    why: `“${facts.app}”中没有这个名称的角色。${more(facts)}`,
    advice: '请在对方创建该角色，或修正应用设置中的角色名称。',
  }),
  'federation.audience_refused': (facts) => ({
    why: `“${facts.app}”的身份提供商没有登记此应用的 client_id。${more(facts)}`,
    advice: '请将 client_id 加入对方身份提供商的客户端 ID 列表。',
  }),
  'federation.issuer_refused': (facts) => ({
    why: `“${facts.app}”的身份提供商登记的是另一个颁发者。${more(facts)}`,
    advice: '请将对方的颁发者 URL 与 CLINCH_ISSUER 核对，须逐字一致。',
  }),
  'federation.token_expired': (facts) => ({
    why: `“${facts.app}”认为 id_token 已过期。${more(facts)}`,
    advice: '请检查本服务器的时钟，以及对方身份提供商的颁发时间限制。',
  }),
  'federation.signature_refused': (facts) => ({
    why: `“${facts.app}”无法验证 id_token 的签名。${more(facts)}`,
    advice: '请运行应用的检查：从颁发者地址读到的公钥中须有当前的签名密钥。',
  }),
  'federation.token_refused': (facts) => ({
    why: `“${facts.app}”无法识别 id_token。${more(facts)}`,
    advice: '请运行应用的检查，并查看应用的声明或签名算法是否被修改。',
  }),
  'federation.issuer_unreachable': (facts) => ({
    why: `“${facts.app}”无法读取颁发者的发现文档或公钥。${more(facts)}`,
    advice: '请运行应用的检查：颁发者须能从公网以 https 访问。',
  }),
  'federation.certificate_refused': (facts) => ({
    why: `“${facts.app}”不接受颁发者地址的证书。${more(facts)}`,
    advice: '请运行应用的检查：证书链须完整、有效并受公开信任。',
  }),
  'federation.thumbprint_mismatch': (facts) => ({
    why: `“${facts.app}”中登记的指纹与颁发者的证书不一致。${more(facts)}`,
    advice: '请将应用设置页给出的指纹加入对方的身份提供商。',
  }),
  'federation.throttled': (facts) => ({
    why: `“${facts.app}”因请求过多而拒绝。${more(facts)}`,
    advice: '请用户稍后重试。如果持续出现，请向对方申请提高限额。',
  }),
  'federation.session_refused': (facts) => ({
    why: `已取得角色，但“${facts.app}”没有为浏览器建立会话。${more(facts)}`,
    advice: '请用户重试。如果问题依旧，请检查会话时长和错误代码。',
  }),
  'federation.session_too_long': (facts) => ({
    why: `所要求的会话时长超出了“${facts.app}”中该角色允许的范围。${more(facts)}`,
    advice: '请在应用设置中缩短会话时长，或者在对方放宽该角色的最大会话时间。',
  }),
  'federation.timeout': (facts) => ({
    why: `“${facts.app}”未及时响应。${more(facts)}`,
    advice: '请用户重试。如果持续出现，请检查本服务器访问对方的速度。',
  }),
  'federation.unreachable': (facts) => ({
    why: `本服务器无法连接“${facts.app}”。${more(facts)}`,
    advice: '请检查本服务器的出口网络：域名解析、防火墙和 CLINCH_OUTBOUND_ALLOW。',
  }),
  'federation.unexpected': (facts) => ({
    why: `“${facts.app}”返回了未收录的结果。${more(facts)}`,
    advice: '请在对方的文档中查找该代码；联系对方支持时需提供请求 ID。',
  }),
  'federation.no_identity': (facts) => ({
    why: `无法为此人签发“${facts.app}”的 id_token：没有 sub，或必需的声明没有值。${more(facts)}`,
    advice: '请检查应用的声明和 sub 规则，以及此人的资料。',
  }),
};
