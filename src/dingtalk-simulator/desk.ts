import type { Company } from './company.js';
import type { EventDelivery } from './event-delivery.js';
import type { World } from './world.js';

/** What the pages and addresses of the simulator's own work on, beside those of DingTalk's. */
export interface Desk {
  readonly world: World;
  readonly events: EventDelivery;
  /** Opens a browser that passes for DingTalk's; resolves to why it could not, or to undefined. */
  openContainer?: () => Promise<string | undefined>;
}

/** The organisation in which somebody is or was, or the first one. */
export function companyWith({ world }: Desk, userid: string): Company {
  const found = world.companies.find((company) => company.person(userid) ?? company.left.has(userid));
  const [first] = world.companies;
  const company = found ?? first;
  if (!company) throw new Error('There is no organisation.');
  return company;
}
