import type { DingTalkError } from '../api/dingtalk-error.js';
import { permissionName, type Permission } from './permissions.js';
import type { CheckName, Finding } from './source-check.dto.js';

/** A problem and what to do about it, in both languages of the console. */
export interface Words {
  readonly problem: string;
  readonly problem_zh: string;
  readonly advice: string;
  readonly advice_zh: string;
}

const CREDENTIALS: Words = {
  problem: 'DingTalk does not accept the app’s credentials for this organisation.',
  problem_zh: '钉钉不接受该应用的凭证。',
  advice:
    'One of three is wrong, and DingTalk does not say which: Client ID or Client Secret (copy both again from 凭证与基础信息); ' +
    'the first version of the app is not published (版本管理与发布); or the app belongs to another organisation than the CorpId.',
  advice_zh:
    '可能有三种原因，钉钉返回的错误相同：Client ID 或 Client Secret 不正确（请在“凭证与基础信息”中重新复制）；' +
    '应用尚未发布第一个版本（请在“版本管理与发布”中发布）；应用不属于该 CorpId 的企业。',
};

const UNREACHABLE: Words = {
  problem: 'DingTalk does not answer.',
  problem_zh: '无法连接钉钉。',
  advice:
    'Let this server reach api.dingtalk.com and oapi.dingtalk.com on port 443, or see to the base addresses of the source.',
  advice_zh: '请放行本服务器到 api.dingtalk.com 和 oapi.dingtalk.com 的 443 端口，或检查身份源的服务地址。',
};

const BUSY: Words = {
  problem: 'DingTalk was too busy to answer, or was called too often.',
  problem_zh: '钉钉繁忙，或接口调用过于频繁。',
  advice: 'Check again in a minute.',
  advice_zh: '请一分钟后重新检查。',
};

const ODD: Words = {
  problem: 'DingTalk refused a call that should work.',
  problem_zh: '钉钉拒绝了一个本应成功的调用。',
  advice: 'Look up its code in DingTalk’s documentation; the log of this server has its words.',
  advice_zh: '请在钉钉文档中查询该错误码；本服务器的日志中有钉钉返回的原文。',
};

const RANGE: Words = {
  problem: 'The app may see only a part of the organisation.',
  problem_zh: '应用的通讯录授权范围不是全部员工。',
  advice:
    'Under 权限管理 set 授权范围 to 全部员工. People outside of it cannot sign in, and a sync takes them for gone.',
  advice_zh: '请在“权限管理”中将“授权范围”设为“全部员工”。范围之外的员工无法登录，同步时会被视为已离职。',
};

const NO_EVENTS: Words = {
  problem: 'No channel for events is on: that somebody has left becomes known at the next sync only.',
  problem_zh: '没有启用事件通道：员工离职要到下一次同步时才会生效。',
  advice: 'Switch on stream_events (no address must be reachable from DingTalk), or callback_events.',
  advice_zh: '请启用 stream_events（无需公网地址）或 callback_events。',
};

const SLOW: Words = {
  problem: 'DingTalk takes long: people who sign in wait for five such calls, and for five seconds at most.',
  problem_zh: '钉钉响应缓慢：登录需要依次调用五个接口，最多等待五秒。',
  advice: 'Look at the network between this server and DingTalk.',
  advice_zh: '请检查本服务器与钉钉之间的网络。',
};

export const WORDS = { RANGE, NO_EVENTS, SLOW, ODD } as const;

export function good(check: CheckName, permission?: Permission): Finding {
  return { check, ok: true, ...named(permission?.code) };
}

export function bad(check: CheckName, words: Words, code = '', permission?: string): Finding {
  return { check, ok: false, ...words, ...(code === '' ? {} : { code }), ...named(permission) };
}

/**
 * What a failed call says about the source.
 *
 * @param check what was tried, for failures that do not speak for themselves
 * @param permission what the call needs, should DingTalk not name it
 */
export function findingOf(check: CheckName, error: DingTalkError, permission?: string): Finding {
  // An organisation that DingTalk does not know is an unknown error to it.
  if (error.fault === 'credentials' || error.code === 'unknownError')
    return bad('credentials', CREDENTIALS, error.code);
  if (error.fault === 'address') return bad('address', addressWords(error.message), error.code);
  if (error.fault === 'permission') {
    const missing = error.requiredScopes[0] ?? permission ?? '';
    return bad('permission', permissionWords(missing), error.code, missing);
  }
  if (error.fault === 'unavailable') return bad(check, UNREACHABLE, error.code, permission);
  if (['busy', 'throttled'].includes(error.fault)) return bad(check, BUSY, error.code, permission);
  return bad(check, ODD, error.code, permission);
}

/** A field of people that was in no answer. */
export function missingField({ code, name, needed_for, needed_for_zh }: Permission): Finding {
  const words: Words = {
    problem: `The app may not read ${needed_for}.`,
    problem_zh: `应用没有权限：${needed_for_zh}。`,
    advice: `In DingTalk’s console, under 权限管理, search for ${name} and grant it; then publish a version.`,
    advice_zh: `请在钉钉开放平台的“权限管理”中搜索“${name}”并开通。如果没有任何员工填写该信息，可以忽略。`,
  };
  return bad('permission', words, '', code);
}

/** DingTalk names the address that it saw: behind a gateway nobody else knows it. */
function addressWords(message: string): Words {
  const seen = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/.exec(message)?.[0];
  const address = seen ?? 'the public address of this server';
  const address_zh = seen ?? '本服务器的公网出口地址';
  return {
    problem: `The address that this server calls from is not on the app’s list${seen === undefined ? '' : `: ${seen}`}.`,
    problem_zh: `本服务器的出口 IP 不在应用的白名单中${seen === undefined ? '' : `：${seen}`}。`,
    advice: `Under 安全设置 add ${address} to 服务器出口IP. A private address is of no use there.`,
    advice_zh: `请在“安全设置”的“服务器出口IP”中添加 ${address_zh}。填写内网地址无效。`,
  };
}

function permissionWords(code: string): Words {
  const name = permissionName(code);
  const known = [code, name].filter((part) => part !== '').join(' ');
  const shown = known === '' ? 'a permission that DingTalk did not name' : known;
  const shown_zh = known === '' ? '（钉钉未说明具体名称）' : known;
  return {
    problem: `The app lacks a permission: ${shown}.`,
    problem_zh: `应用缺少权限：${shown_zh}。`,
    advice: `In DingTalk’s console, under 权限管理, search for ${shown} and grant it (立即开通).`,
    advice_zh: `请在钉钉开放平台的“权限管理”中搜索 ${shown_zh}，点击“立即开通”。`,
  };
}

function named(code = ''): Pick<Finding, 'permission' | 'permission_name'> {
  if (code === '') return {};
  const name = permissionName(code);
  return { permission: code, ...(name === '' ? {} : { permission_name: name }) };
}
