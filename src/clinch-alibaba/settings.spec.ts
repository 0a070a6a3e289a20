import { describe, expect, it } from 'vitest';
import { providerSettings } from './settings.js';

describe('the issuer', () => {
  it.each(['https://id.example/', 'https://id.example/sso/', 'https://id.example', 'http://localhost:3000'])(
    '%s stays as it is given',
    (issuer) => {
      expect(providerSettings({ issuer, client_id: 'cli' }, '/folder').issuer).toBe(issuer);
    },
  );
});
