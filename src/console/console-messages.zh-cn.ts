import type { ConsoleMessages } from './console-messages.js';

export const consoleZhCN: ConsoleMessages = {
  frame: {
    console: 'Clinch 控制台',
    parts: '控制台栏目',
    sources: '身份源',
    api: '管理 API',
    signOut: '退出',
    actingAs: (clientId) => `使用 ${clientId} 的权限`,
  },
  signIn: {
    title: '控制台',
    lead: '供运维人员使用。请输入具有管理 API 权限的应用的 ID 和密钥，例如 CLINCH_ADMIN_CLIENT_ID 中的应用。',
    clientId: 'Client ID',
    clientSecret: 'Client Secret',
    submit: '继续',
    errors: {
      invalid: '该应用在此没有权限，或密钥不正确。',
      too_many: '失败次数过多，请一分钟后再试。',
      missing: '两项都需要填写。',
    },
  },
};
