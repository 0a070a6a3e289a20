import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { ListQuery, pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import type { Actor } from '../audit/audit-log.js';
import { CustomScopeAdministration } from './custom-scope-administration.js';
import { NewScope, ReplacedScope, Scope, ScopeChanges } from './custom-scope.dto.js';
import { SCOPE_CHANGE_EXAMPLES, SCOPE_EXAMPLES, SCOPE_REPLACEMENT_EXAMPLES } from './custom-scope-examples.js';
import { toScope } from './custom-scope-wire.js';

/** Scopes of the operator's own. */
@AdminController('scopes', 'Scopes')
export class CustomScopesController {
  constructor(private readonly scopes: CustomScopeAdministration) {}

  @Get()
  @Operation({ summary: 'List scopes', description: 'In the order of their names.', list: Scope })
  async list(@Query() query: ListQuery): Promise<Page<Scope>> {
    const page = pageRequest(query);
    return pageOf(await this.scopes.list(page), page, ({ name }) => name, toScope);
  }

  @Post()
  @Operation({
    summary: 'Make a scope',
    description:
      'A scope that releases claims of your own, beside those of OpenID Connect. An app gets them when the scope is in ' +
      'its own `scope`, it asks for it, and the person, where asked, agrees.',
    answer: Scope,
    status: 201,
    body: { type: NewScope, examples: SCOPE_EXAMPLES },
    tagged: true,
    problems: [409],
  })
  async create(@Body() body: NewScope, @Administrator() actor: Actor): Promise<Scope> {
    return toScope(await this.scopes.create(body, actor));
  }

  @Get(':name')
  @Operation({
    summary: 'Read a scope',
    description: 'With the claims that it releases.',
    answer: Scope,
    tagged: true,
    problems: [404],
  })
  async read(@Param('name') name: string): Promise<Scope> {
    return toScope(await this.scopes.find(name));
  }

  @Patch(':name')
  @Operation({
    summary: 'Change a scope',
    description: 'Fields that are left out stay as they are. What it releases changes with the next token.',
    answer: Scope,
    body: { type: ScopeChanges, examples: SCOPE_CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404],
  })
  async change(@Param('name') name: string, @Body() body: ScopeChanges, @Administrator() actor: Actor): Promise<Scope> {
    return toScope(await this.scopes.change(name, body, actor));
  }

  @Put(':name')
  @Operation({
    summary: 'Replace a scope',
    description: 'Fields that are left out fall back to their defaults; the name stays.',
    answer: Scope,
    body: { type: ReplacedScope, examples: SCOPE_REPLACEMENT_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404],
  })
  async replace(
    @Param('name') name: string,
    @Body() body: ReplacedScope,
    @Administrator() actor: Actor,
  ): Promise<Scope> {
    return toScope(await this.scopes.replace(name, body, actor));
  }

  @Delete(':name')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a scope',
    description: 'Apps keep it in their `scope`, where it releases nothing unless a scope of that name is made again.',
    status: 204,
    conditional: true,
    problems: [404],
  })
  async delete(@Param('name') name: string, @Administrator() actor: Actor): Promise<void> {
    await this.scopes.delete(name, actor);
  }
}
