import type { Request } from 'express';

/**
 * Whether the page is shown inside DingTalk, as its own script tells it. Pages within its mini-programs count; whether
 * there is a bridge behind it, only the page's script can find out.
 */
export function isInDingTalk(request: Request): boolean {
  return /dingtalk/i.test(request.headers['user-agent'] ?? '');
}
