import { Injectable, type INestApplication, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { DocumentBuilder, getSchemaPath, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { ADMIN_API_PATH } from './admin-controller.js';
import { NEEDS_EXTENSION, READS_EXTENSION } from './admin-part.js';
import { ADMIN_SCOPE, areaOf, neededScope } from './admin-scope.js';
import { AdminScopes } from './admin-scopes.js';

const DESCRIPTION = `
The admin API of Clinch.

**Getting in.** Set \`CLINCH_ADMIN_CLIENT_ID\` and \`CLINCH_ADMIN_CLIENT_SECRET\`; that client gets an access token by
client credentials with the scope \`${ADMIN_SCOPE}\`. On these pages: *Authorize*, then its id and secret.

**Smaller rights.** Each operation names its own scope: \`clinch:users:read\` reads people, \`clinch:users:write\` makes,
changes and deletes them, and neither brings the other. Register a confidential app whose one grant is
\`client_credentials\`, with those of them in its \`scope\` that it needs. An app without \`${ADMIN_SCOPE}\` can neither
give such a scope that it lacks, nor touch an app that has one.

**Personal data.** E-mail addresses and telephone numbers are masked in lists, and wherever a person is read without the
scope \`clinch:personal-data:read\`. Reading them in full is noted in the audit log.

**Bodies** are JSON objects. A field that is unknown or malformed is refused by name, and nothing is changed.

**Lists** answer \`items\` and \`next_cursor\`; pass the latter as \`cursor\` until it is null. \`sort\` says the order, with
\`-\` the other way round; a cursor is good for the order that it came with. What a list cannot be sorted or narrowed by
is refused, and what it can be is named.

**Two at once.** Whatever can be changed is answered with an \`ETag\`. Send it back as \`If-Match\`, and the change is made
only if nobody else made one since; otherwise the answer is 412.

**Asking again.** With an \`Idempotency-Key\` of your making a creation can be repeated until an answer comes: it is done
once, and answered as the first time for a day, with \`Idempotency-Replayed: true\`. While the first request is at work the
answer is 409 with \`Retry-After\`. If the server died after it created the thing and before it answered, the answer is 409
as well: nothing is made twice.

**Not too fast.** An app may send 6,000 requests a minute to a node, and one address bring 1,200 that are refused for their
token; beyond that the answer is 429 with \`Retry-After\`.

**Many at a time.** People and apps are exported and imported as lines of JSON, each with a right of its own.

**Errors** are problem details (RFC 9457). \`instance\` holds the trace id under which the log says more.
`.trim();

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The names of the two ways in: one for the pages, which fetch a token, and one for whoever has it. */
const OAUTH = 'client_credentials';
const BEARER = 'access_token';

/** The OpenAPI document of the admin API. Made when it is first asked for: most servers never are. */
@Injectable()
export class AdminDocument {
  private app: INestApplication | undefined;
  private text: string | undefined;
  private readonly choices = new Map<string, () => readonly Type[]>();

  constructor(
    private readonly config: ClinchConfig,
    private readonly discovery: DiscoveryService,
    private readonly scopes: AdminScopes,
  ) {}

  /** Called once, when the application is made. */
  describe(app: INestApplication): void {
    this.app = app;
  }

  /**
   * Says that a field is one of several objects, or null. To be called when the application is made.
   *
   * @param field its name, wherever it stands
   * @param models asked when the document is made
   */
  choose(field: string, models: () => readonly Type[]): void {
    this.choices.set(field, models);
  }

  /** As JSON. */
  json(): string {
    this.text ??= JSON.stringify(this.build());
    return this.text;
  }

  private build(): OpenAPIObject {
    if (this.app === undefined) throw new Error('no application to describe');
    const document = SwaggerModule.createDocument(this.app, this.frame(), {
      include: this.adminModules(),
      extraModels: [...this.choices.values()].flatMap((models) => models()),
      operationIdFactory: (controller, method) => `${uncapitalised(controller.replace(/Controller$/, ''))}_${method}`,
    });
    const paths = Object.entries(document.paths).filter(([path]) => path.startsWith(`${ADMIN_API_PATH}/`));
    for (const [path, item] of paths) secure(path, item);
    for (const [field, models] of this.choices) offer(field, models(), document);
    return { ...document, paths: Object.fromEntries(paths) };
  }

  private frame(): Omit<OpenAPIObject, 'paths'> {
    return new DocumentBuilder()
      .setOpenAPIVersion('3.1.0')
      .setTitle('Clinch admin API')
      .setDescription(DESCRIPTION)
      .setVersion('v1')
      .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
      .addServer(this.config.issuer)
      .addOAuth2(
        {
          type: 'oauth2',
          description: 'The operators’ client, or another confidential app with one of these scopes.',
          flows: {
            clientCredentials: {
              tokenUrl: this.config.url('/oidc/token'),
              scopes: Object.fromEntries(this.scopes.all().map(({ name, description }) => [name, description])),
            },
          },
        },
        OAUTH,
      )
      .addBearerAuth(
        { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token that you have.' },
        BEARER,
      )
      .build();
  }

  /** The modules that have a controller of the admin API. */
  private adminModules(): Type[] {
    const hosts = this.discovery.getControllers().filter(({ metatype }) => {
      const path: unknown = typeof metatype === 'function' ? Reflect.getMetadata(PATH_METADATA, metatype) : undefined;
      return typeof path === 'string' && path.startsWith(`${ADMIN_API_PATH}/`);
    });
    return [...new Set(hosts.map(({ host }) => host?.metatype as Type))];
  }
}

/** In the place of an open object, which it is to whoever cannot know the models. */
function offer(field: string, models: readonly Type[], { components }: OpenAPIObject): void {
  if (models.length === 0) return;
  const anyOf = [...models.map((model) => ({ $ref: getSchemaPath(model) })), { type: 'null' }];
  for (const schema of Object.values(components?.schemas ?? {})) {
    const properties = 'properties' in schema ? schema.properties : undefined;
    const { description, default: fallback } = (properties?.[field] ?? {}) as {
      description?: string;
      default?: unknown;
    };
    if (properties?.[field] !== undefined) properties[field] = { description, default: fallback, anyOf } as never;
  }
}

/** What each operation of a path needs, said by the rule that the guard goes by. */
function secure(path: string, item: OpenAPIObject['paths'][string]): void {
  const area = areaOf(path.slice(`${ADMIN_API_PATH}/`.length));
  for (const method of METHODS) {
    const operation = item[method];
    if (operation === undefined) continue;
    const reads = Reflect.get(operation, READS_EXTENSION) === true;
    const own: unknown = Reflect.get(operation, NEEDS_EXTENSION);
    const needed = typeof own === 'string' ? own : neededScope(area, reads ? 'GET' : method);
    const scopes = [needed, ADMIN_SCOPE];
    operation.security = [...scopes.map((scope) => ({ [OAUTH]: [scope] })), { [BEARER]: [] }];
  }
}

function uncapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
