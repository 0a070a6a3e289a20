import type { Permission, SimulatorApp } from './app.js';
import type { Company } from './company.js';
import type { Params } from './params.js';
import type { World } from './world.js';

export interface OapiCall {
  readonly world: World;
  readonly app: SimulatorApp;
  readonly company: Company;
  readonly params: Params;
}

export interface OapiRoute {
  readonly permission: Permission;
  /** The errcode for a parameter that is missing or wrong; 400002 when left out. */
  readonly badParameter?: number;
  /** What stands beside errcode and errmsg. Throws OapiRefusal. */
  answer(call: OapiCall): object;
}
