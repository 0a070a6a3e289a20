import { SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ADMIN_SCOPE, areaOf, neededScope } from './admin-scope.js';

const ADMIN_PART = Symbol('part of the admin API');

export interface AdminPart {
  /** The first segment of its path; the scopes are called after it. */
  readonly area: string;
  /** Its heading in the OpenAPI document. */
  readonly tag: string;
}

type Controller = Parameters<Reflector['get']>[1];

/** Marks a controller as a part of the admin API. */
export function AdminPart(path: string, tag: string): ClassDecorator {
  return SetMetadata(ADMIN_PART, { area: areaOf(path), tag } satisfies AdminPart);
}

export function partOf(reflector: Reflector, controller: Controller): AdminPart | undefined {
  return reflector.get<AdminPart | undefined>(ADMIN_PART, controller);
}

/** What a request to this controller needs. One that forgot to say what it is part of is open to the whole right only. */
export function neededAt(reflector: Reflector, controller: Controller, method: string): string {
  const part = partOf(reflector, controller);
  return part === undefined ? ADMIN_SCOPE : neededScope(part.area, method);
}
