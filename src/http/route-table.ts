import { Injectable, RequestMethod, SetMetadata, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { CROSS_ORIGIN, type CrossOriginPolicy } from './cross-origin.js';

const WITHOUT_HEAD = Symbol('without-head');

/** For a GET that makes something, such as a code: HEAD would make it too, and nobody would see it. */
export const WithoutHead = () => SetMetadata(WITHOUT_HEAD, true);

/** One path and what it takes. */
export interface Route {
  /** As it is declared, with the names of its parameters. */
  readonly path: string;
  readonly methods: ReadonlySet<string>;
  readonly crossOrigin: CrossOriginPolicy | undefined;
}

interface MutableRoute {
  readonly path: string;
  readonly methods: Set<string>;
  crossOrigin: CrossOriginPolicy | undefined;
}

/**
 * What is really mounted: read from the controllers themselves, so that the discovery document cannot advertise what
 * is not there, and a wrong method on a right path gets 405 with the methods that would do.
 */
@Injectable()
export class RouteTable implements OnModuleInit {
  private readonly exact = new Map<string, MutableRoute>();
  private readonly patterns: { readonly pattern: RegExp; readonly route: MutableRoute }[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    for (const { instance, metatype } of this.discovery.getControllers()) {
      if (instance === undefined || instance === null || typeof metatype !== 'function') continue;
      const prefix = asList(this.reflector.get<string | string[]>(PATH_METADATA, metatype));
      const prototype = Object.getPrototypeOf(instance) as Record<string, unknown>;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        if (typeof handler === 'function') this.addHandler(prefix, handler as () => unknown);
      }
    }
  }

  /** What is at this path, or undefined when there is nothing. */
  at(path: string): Route | undefined {
    const exact = this.exact.get(path);
    if (exact !== undefined) return exact;
    const [route, ...more] = this.patterns.filter(({ pattern }) => pattern.test(path)).map((each) => each.route);
    return route === undefined || more.length === 0 ? route : together([route, ...more]);
  }

  private addHandler(prefixes: readonly string[], handler: () => unknown): void {
    const method = this.reflector.get<RequestMethod | undefined>(METHOD_METADATA, handler);
    if (method === undefined) return;
    const names = [RequestMethod[method]];
    if (method === RequestMethod.GET && this.reflector.get(WITHOUT_HEAD, handler) !== true) names.push('HEAD');
    const crossOrigin = this.reflector.get<CrossOriginPolicy | undefined>(CROSS_ORIGIN, handler);
    for (const prefix of prefixes) {
      for (const path of asList(this.reflector.get<string | string[]>(PATH_METADATA, handler))) {
        const route = this.routeFor(joinPath(prefix, path));
        for (const name of names) route.methods.add(name);
        route.crossOrigin ??= crossOrigin;
      }
    }
  }

  private routeFor(path: string): MutableRoute {
    const fresh: MutableRoute = { path, methods: new Set(), crossOrigin: undefined };
    if (!/[:*]/.test(path)) {
      const route = this.exact.get(path) ?? fresh;
      this.exact.set(path, route);
      return route;
    }
    const source = path
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/\/:\w+/g, '/[^/]+')
      .replace(/\/\*\w+/g, '/.+');
    const pattern = new RegExp(`^${source}$`);
    const known = this.patterns.find((entry) => entry.pattern.source === pattern.source);
    if (known !== undefined) return known.route;
    this.patterns.push({ pattern, route: fresh });
    return fresh;
  }
}

/** One path may be a name in one pattern and a parameter in another: each brings its methods. */
function together(routes: readonly Route[]): Route {
  return {
    path: routes[0]?.path ?? '',
    methods: new Set(routes.flatMap(({ methods }) => [...methods])),
    crossOrigin: routes.find(({ crossOrigin }) => crossOrigin !== undefined)?.crossOrigin,
  };
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? ['']);
}

function joinPath(prefix: string, path: string): string {
  const joined = [prefix, path].map((part) => part.replace(/^\/|\/$/g, '')).filter((part) => part !== '');
  return `/${joined.join('/')}`;
}
