import { describe, expect, it } from 'vitest';
import { SettingsError, readSettings } from './settings.js';

describe('what the simulator is started with', () => {
  it('has a usual value for everything', () => {
    expect(readSettings([], {})).toEqual({
      port: 3004,
      host: '127.0.0.1',
      people: 0,
      departments: 0,
      apps: [{}],
      faults: {},
    });
  });

  it('describes the app by variables, the size by options', () => {
    const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
    const environment = {
      PORT: '0',
      CLIENT_ID: 'ding1',
      REDIRECT_URIS: 'http://a/cb, http://b/cb',
      APP_HOSTS: 'a',
      HOME_URL: 'http://a/',
      CALLBACK_URL: 'http://a/callback',
      CALLBACK_TOKEN: 'tok',
      CALLBACK_AES_KEY: aesKey,
    };
    const settings = readSettings(['--people', '50000', '--departments', '1000'], environment);
    expect(settings).toMatchObject({ port: 0, people: 50_000, departments: 1000 });
    expect(settings.apps).toEqual([
      {
        clientId: 'ding1',
        redirectUris: ['http://a/cb', 'http://b/cb'],
        inAppHosts: ['a'],
        mobileHomeUrl: 'http://a/',
        pcHomeUrl: 'http://a/',
        callback: { url: 'http://a/callback', token: 'tok', aesKey },
      },
    ]);
  });

  it.each<[string, readonly string[], NodeJS.ProcessEnv]>([
    ['an unknown option', ['--persons', '1'], {}],
    ['a number of people that is none', ['--people', 'many'], {}],
    ['a port that is none', [], { PORT: '70000' }],
    ['a file that there is not', ['--settings', '/nowhere/settings.json'], {}],
    ['a callback without its keys', [], { CALLBACK_URL: 'http://a/' }],
  ])('says what is wrong with %s', (_, args, environment) => {
    expect(() => readSettings(args, environment)).toThrow(SettingsError);
  });
});
