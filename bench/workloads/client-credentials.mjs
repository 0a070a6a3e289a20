// An app asks for an access token of its own for an API. One request.
import { API } from '../lib/settings.mjs';

const PARAMETERS = { grant_type: 'client_credentials', resource: API.resource, scope: API.scope };
const EXPECTED = { aud: API.resource, scope: API.scope };

/** @type {import('./index.mjs').Workload} */
export const clientCredentials = {
  title: 'client_credentials (client_secret_basic) for a resource and a scope of it, JWT access token, 1 request',
  needs: { app: 'service', grant: 'client_credentials' },
  run: (user) => user.tokenForApp('service', PARAMETERS, EXPECTED),
};
