import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { ListQuery, pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import type { Actor } from '../audit/audit-log.js';
import { ApiResourceAdministration } from './api-resource-administration.js';
import { Api, ApiChanges, NewApi, ReplacedApi } from './api-resource.dto.js';
import { API_CHANGE_EXAMPLES, API_EXAMPLES, API_REPLACEMENT_EXAMPLES } from './api-resource-examples.js';
import { toApi } from './api-resource-wire.js';

/** The APIs that access tokens can be for. */
@AdminController('api-resources', 'API resources')
export class ApiResourcesController {
  constructor(private readonly apis: ApiResourceAdministration) {}

  @Get()
  @Operation({
    summary: 'List APIs',
    description: 'In the order of their ids, after `clinch-admin`: this very API, which comes with the server.',
    list: Api,
  })
  async list(@Query() query: ListQuery): Promise<Page<Api>> {
    const page = pageRequest(query);
    return pageOf(await this.apis.list(page), page, ({ id }) => id, toApi);
  }

  @Post()
  @Operation({
    summary: 'Register an API',
    description:
      'Apps then ask for tokens for it by `resource` (RFC 8707), as far as their `api_access` goes. It verifies them ' +
      'as RFC 9068 §4 says: the audience is its identifier.',
    answer: Api,
    status: 201,
    body: { type: NewApi, examples: API_EXAMPLES },
    tagged: true,
    problems: [409],
  })
  async create(@Body() body: NewApi, @Administrator() actor: Actor): Promise<Api> {
    return toApi(await this.apis.create(body, actor));
  }

  @Get(':id')
  @Operation({
    summary: 'Read an API',
    description: 'With all that apps may have of it.',
    answer: Api,
    tagged: true,
    problems: [404],
  })
  async read(@Param('id') id: string): Promise<Api> {
    return toApi(await this.apis.find(id));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change an API',
    description: 'Fields that are left out stay as they are. A scope that is taken off ends with the next token.',
    answer: Api,
    body: { type: ApiChanges, examples: API_CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async change(@Param('id') id: string, @Body() body: ApiChanges, @Administrator() actor: Actor): Promise<Api> {
    return toApi(await this.apis.change(id, body, actor));
  }

  @Put(':id')
  @Operation({
    summary: 'Replace an API',
    description: 'Fields that are left out fall back to their defaults; the identifier stays.',
    answer: Api,
    body: { type: ReplacedApi, examples: API_REPLACEMENT_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async replace(@Param('id') id: string, @Body() body: ReplacedApi, @Administrator() actor: Actor): Promise<Api> {
    return toApi(await this.apis.replace(id, body, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete an API',
    description:
      'There are no more tokens for it; those that are out end with their lifetime. Apps keep their entry in ' +
      '`api_access`, which is worth nothing unless an API of that identifier is registered again.',
    status: 204,
    conditional: true,
    problems: [404, 409],
  })
  async delete(@Param('id') id: string, @Administrator() actor: Actor): Promise<void> {
    await this.apis.delete(id, actor);
  }
}
