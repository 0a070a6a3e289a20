import type { ConsoleMessages } from './console-messages.js';

export const consoleEn: ConsoleMessages = {
  frame: {
    console: 'Clinch console',
    parts: 'Parts of the console',
    sources: 'Identity sources',
    api: 'Admin API',
    signOut: 'Sign out',
    actingAs: (clientId) => `with the rights of ${clientId}`,
  },
  signIn: {
    title: 'Console',
    lead: 'For operators. Show the id and the secret of an app that has rights in the admin API, such as the one in CLINCH_ADMIN_CLIENT_ID.',
    clientId: 'Client ID',
    clientSecret: 'Client secret',
    submit: 'Continue',
    errors: {
      invalid: 'That is no app with rights here, or the secret does not fit.',
      too_many: 'Too many failures. Try again in a minute.',
      missing: 'Both are needed.',
    },
  },
};
