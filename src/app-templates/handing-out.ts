import type { ClientEntity } from '../app-registry/client.entity.js';

/** Its tokens are of the app itself: no id token among them. */
const MACHINE_GRANT = 'client_credentials';

/** The grants of an app by which people get hold of JWTs that have it as their audience. */
export function grantsThatHandOut({ grantTypes }: Pick<ClientEntity, 'grantTypes'>): string[] {
  return grantTypes.filter((type) => type !== MACHINE_GRANT);
}
