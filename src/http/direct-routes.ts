import {
  Injectable,
  RequestMethod,
  SetMetadata,
  type ArgumentsHost,
  type ExceptionFilter,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  HEADERS_METADATA,
  HTTP_CODE_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { Response } from 'express';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from './clinch-request.js';
import { Gate } from './gate.js';

const DIRECT = Symbol('direct');

/**
 * For what programs ask all day: the handler is called by the server itself, after the gate, and its filter catches what
 * it throws. Express's and Nest's own ways there cost more than most of these handlers do. Everything else is the same;
 * in return the handler may take the request and the response only, and has no guards, pipes or interceptors.
 */
export const Direct = () => SetMetadata(DIRECT, true);

interface DirectRoute {
  readonly call: (request: ClinchRequest, response: Response) => unknown;
  readonly status: number;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly answerError: (error: unknown, host: ArgumentsHost) => unknown;
}

/** Finds the handlers that are declared direct, and serves them. */
@Injectable()
export class DirectRoutes implements OnModuleInit {
  private readonly routes = new Map<string, DirectRoute>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly modules: ModuleRef,
    private readonly gate: Gate,
    private readonly config: ClinchConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const { instance, metatype } of this.discovery.getControllers()) {
      if (typeof metatype !== 'function' || typeof instance !== 'object' || instance === null) continue;
      const prototype = Object.getPrototypeOf(instance) as Record<string, unknown>;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        if (typeof handler === 'function' && Reflect.getMetadata(DIRECT, handler) === true) {
          await this.add(instance as object, metatype as Type, handler as (...values: unknown[]) => unknown, name);
        }
      }
    }
  }

  /** @returns false when the request is not for one of these, and somebody else has to answer it */
  take(request: ClinchRequest, response: Response): boolean {
    const route = this.routes.get(`${request.method} ${this.pathOf(request.url)}`);
    if (route === undefined) return false;
    // As Express does: its methods of the one ask the other.
    Object.assign(request, { res: response });
    this.serve(route, request, response).catch(() => response.destroy());
    return true;
  }

  private async serve(route: DirectRoute, request: ClinchRequest, response: Response): Promise<void> {
    try {
      let passed = false;
      await this.gate.pass(request, response, () => (passed = true));
      if (!passed) return;
      const body = await route.call(request, response);
      if (!response.headersSent) send(response, route, body);
    } catch (error) {
      await route.answerError(error, new ExecutionContextHost([request, response]));
    }
  }

  private async add(
    instance: object,
    metatype: Type,
    handler: (...values: unknown[]) => unknown,
    name: string,
  ): Promise<void> {
    refuseMachinery(metatype, handler, `${metatype.name}.${name}`);
    const filters = (Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, metatype) ?? []) as Type<ExceptionFilter>[];
    const [Filter] = filters;
    if (Filter === undefined) throw new Error(`${metatype.name}.${name} is direct and has no filter for its errors`);
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? 'GET';
    const filter = await this.modules.create(Filter);
    const route: DirectRoute = {
      call: callOf(instance, metatype, handler, name),
      status:
        (Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined) ?? (method === 'POST' ? 201 : 200),
      headers: (Reflect.getMetadata(HEADERS_METADATA, handler) ?? []) as DirectRoute['headers'],
      // oxlint-disable-next-line promise/valid-params, promise/no-promise-in-callback -- a filter's method, and no promise's
      answerError: (error, host) => filter.catch(error, host) as unknown,
    };
    for (const path of [Reflect.getMetadata(PATH_METADATA, handler) as string | string[]].flat()) {
      this.routes.set(`${method} ${path}`, route);
    }
  }

  /** As the gate will see it: without the issuer's path and without the query. */
  private pathOf(url: string): string {
    const { basePath } = this.config;
    const end = url.indexOf('?');
    const path = end < 0 ? url : url.slice(0, end);
    return basePath !== '' && path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
  }
}

function send(response: Response, { status, headers }: DirectRoute, body: unknown): void {
  for (const { name, value } of headers) response.setHeader(name, value);
  const text = body === undefined ? '' : JSON.stringify(body);
  if (text !== '') response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.statusCode = status;
  response.end(text);
}

function refuseMachinery(metatype: Type, handler: object, where: string): void {
  for (const kind of [GUARDS_METADATA, INTERCEPTORS_METADATA, PIPES_METADATA]) {
    if (Reflect.hasMetadata(kind, metatype) || Reflect.hasMetadata(kind, handler)) {
      throw new Error(`${where} is direct and would pass by its guards, pipes or interceptors`);
    }
  }
}

/** Calls the handler with what its parameters are declared to be. */
function callOf(
  instance: object,
  metatype: Type,
  handler: (...values: unknown[]) => unknown,
  name: string,
): DirectRoute['call'] {
  const declared = (Reflect.getMetadata(ROUTE_ARGS_METADATA, metatype, name) ?? {}) as Record<
    string,
    { index: number }
  >;
  const order: ('request' | 'response')[] = [];
  for (const [key, { index }] of Object.entries(declared)) {
    const kind = Number(key.split(':')[0]);
    if (kind === RouteParamtypes.REQUEST.valueOf()) order[index] = 'request';
    else if (kind === RouteParamtypes.RESPONSE.valueOf()) order[index] = 'response';
    else throw new Error(`${metatype.name}.${name} is direct and may take the request and the response only`);
  }
  if (order.length !== handler.length) throw new Error(`${metatype.name}.${name} has a parameter that nobody fills`);
  return (request, response) =>
    Reflect.apply(
      handler,
      instance,
      order.map((kind) => (kind === 'request' ? request : response)),
    );
}
