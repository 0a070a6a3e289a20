import type { OperationExamples } from '../admin/operation.js';
import type { AppChanges, NewApp } from './app.dto.js';
import type { NewSecret } from './app-secret.dto.js';

/** Bodies that run as they stand, for a new app and for one that is replaced. */
export const APP_EXAMPLES: OperationExamples<NewApp> = {
  web: {
    summary: 'A web app with a server of its own',
    value: {
      client_name: 'Expenses',
      redirect_uris: ['https://expenses.example.com/callback'],
      scope: 'openid profile email',
    },
  },
  browser: {
    summary: 'An app that runs in the browser: no secret, PKCE compulsory',
    value: {
      client_name: 'Canteen menu',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://menu.example.com/callback'],
    },
  },
  native: {
    summary: 'An app on a phone or a desktop',
    value: {
      client_name: 'Field reports',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback', 'com.example.reports:/callback'],
    },
  },
  machine: {
    summary: 'A program that acts for itself',
    value: { client_name: 'Nightly import', grant_types: ['client_credentials'], scope: 'reports:write' },
  },
};

export const CHANGE_EXAMPLES: OperationExamples<AppChanges> = {
  consent: { summary: 'Ask people before the app learns about them', value: { require_consent: true } },
  lifetimes: {
    summary: 'Shorter tokens',
    value: { access_token_lifetime: 900, id_token_lifetime: 3600 },
  },
  short: { summary: 'Tokens that live for ten minutes', value: { lifetime_preset: 'short' } },
  off: { summary: 'Switch the app off', value: { enabled: false } },
};

export const SECRET_EXAMPLES: OperationExamples<NewSecret> = {
  forever: { summary: 'One that lasts until it is ended', value: {} },
  untilThen: { summary: 'One that ends by itself', value: { expires_at: '2099-12-31T00:00:00Z' } },
};
