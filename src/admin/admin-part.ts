import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import { ADMIN_SCOPE, areaOf, neededScope } from './admin-scope.js';

const ADMIN_PART = Symbol('part of the admin API');
const READS = Symbol('operation that only reads');

/** Where the OpenAPI document says so too. */
export const READS_EXTENSION = 'x-clinch-reads';

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
  return neededScope(part.area, reflector.get<boolean | undefined>(READS, handler) === true ? 'GET' : method);
}
