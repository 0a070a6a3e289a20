import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import type { Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { AppAdministration } from './app-administration.js';
import { AppQuery } from './app-query.dto.js';
import { App, AppChanges, AppWithSecret, NewApp } from './app.dto.js';
import { metadataErrorOf } from './app-rules.js';
import { toApp } from './app-wire.js';
import { APP_EXAMPLES, CHANGE_EXAMPLES } from './app-examples.js';

/** The apps that may use this provider. */
@AdminController('apps', 'Apps', metadataErrorOf)
export class AppsController {
  constructor(private readonly apps: AppAdministration) {}

  @Get()
  @Operation({
    summary: 'List apps',
    description: 'In the order of their ids, unless `sort` says otherwise.',
    list: App,
  })
  async list(@Query() query: AppQuery): Promise<Page<App>> {
    return this.apps.list(query);
  }

  @Post()
  @Operation({
    summary: 'Register an app',
    description:
      'Fields that are left out have their defaults. An app that authenticates by a secret gets one in the answer, ' +
      'as `client_secret`: it is shown this once and not kept.',
    answer: AppWithSecret,
    status: 201,
    body: { type: NewApp, examples: APP_EXAMPLES },
    tagged: true,
    problems: [409],
  })
  async create(@Body() body: NewApp, @Administrator() actor: AdminActor): Promise<AppWithSecret> {
    return this.apps.create(body, actor);
  }

  @Get(':client_id')
  @Operation({
    summary: 'Read an app',
    description: 'Never with a secret.',
    answer: App,
    tagged: true,
    problems: [404],
  })
  async read(@Param('client_id') clientId: string): Promise<App> {
    return toApp(await this.apps.find(clientId));
  }

  @Patch(':client_id')
  @Operation({
    summary: 'Change an app',
    description:
      'Fields that are left out stay as they are; the rules judge the app as it would be. An app that comes to ' +
      'authenticate by a secret and has none gets one in the answer; one that no longer does loses its secrets.',
    answer: AppWithSecret,
    body: { type: AppChanges, examples: CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async change(
    @Param('client_id') clientId: string,
    @Body() body: AppChanges,
    @Administrator() actor: AdminActor,
  ): Promise<AppWithSecret> {
    return this.apps.change(clientId, body, actor);
  }

  @Put(':client_id')
  @Operation({
    summary: 'Replace an app',
    description: 'Fields that are left out fall back to their defaults. Its secrets stay, as for a change.',
    answer: AppWithSecret,
    body: { type: NewApp, examples: APP_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async replace(
    @Param('client_id') clientId: string,
    @Body() body: NewApp,
    @Administrator() actor: AdminActor,
  ): Promise<AppWithSecret> {
    return this.apps.replace(clientId, body, actor);
  }

  @Delete(':client_id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete an app',
    description: 'With its secrets. Its access tokens for the admin API end at once, others with their lifetime.',
    status: 204,
    conditional: true,
    problems: [404, 409],
  })
  async delete(@Param('client_id') clientId: string, @Administrator() actor: AdminActor): Promise<void> {
    await this.apps.delete(clientId, actor);
  }
}
