import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import { ADMIN_SCOPE, areaOf, neededScope } from './admin-scope.js';

const ADMIN_PART = Symbol('part of the admin API');
const READS = Symbol('operation that only reads');

const NEEDS = Symbol('scope that an operation needs');

/** Where the OpenAPI document says so too. */
export const READS_EXTENSION = 'x-clinch-reads';
export const NEEDS_EXTENSION = 'x-clinch-needs';

export interface AdminPart {
  /** The first segment of its path; the scopes are called after it. */
  readonly area: string;
  /** Its heading in the OpenAPI document. */
  readonly tag: string;
}

type Controller = Parameters<Reflector['get']>[1];

/** For a POST that changes nothing, because what it asks for does not fit an address: it needs the scope for reading. */
export function Reads(): MethodDecorator {
  return applyDecorators(SetMetadata(READS, true), ApiExtension(READS_EXTENSION, true));
}

/** For an operation that is a right of its own, in the place of its area's. It is declared to `AdminScopes`. */
export function Needs(scope: string): MethodDecorator {
  return applyDecorators(SetMetadata(NEEDS, scope), ApiExtension(NEEDS_EXTENSION, scope));
}

/** Marks a controller as a part of the admin API. */
export function AdminPart(path: string, tag: string): ClassDecorator {
  return SetMetadata(ADMIN_PART, { area: areaOf(path), tag } satisfies AdminPart);
}

export function partOf(reflector: Reflector, controller: Controller): AdminPart | undefined {
  return reflector.get<AdminPart | undefined>(ADMIN_PART, controller);
}

/** What an operation needs. A controller that forgot to say what it is part of is open to the whole right only. */
export function neededAt(reflector: Reflector, controller: Controller, handler: Controller, method: string): string {
  const part = partOf(reflector, controller);
  if (part === undefined) return ADMIN_SCOPE;
  const own = reflector.get<string | undefined>(NEEDS, handler);
  if (own !== undefined) return own;
  return neededScope(part.area, reflector.get<boolean | undefined>(READS, handler) === true ? 'GET' : method);
}
