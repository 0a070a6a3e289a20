import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { ListQuery, pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { SECRET_EXAMPLES } from './app-examples.js';
import { AppSecret, FreshSecret, NewSecret } from './app-secret.dto.js';
import { AppSecrets, toAppSecret } from './app-secrets.js';

/** The secrets of one app. */
@AdminController('apps/:client_id/secrets', 'App secrets')
export class AppSecretsController {
  constructor(private readonly secrets: AppSecrets) {}

  @Get()
  @Operation({
    summary: 'List the secrets of an app',
    description: 'What is known about each, never the secret itself.',
    list: AppSecret,
    problems: [404],
  })
  async list(@Param('client_id') clientId: string, @Query() query: ListQuery): Promise<Page<AppSecret>> {
    const page = pageRequest(query);
    return pageOf(await this.secrets.list(clientId, page), page, ({ id }) => id, toAppSecret);
  }

  @Post()
  @Operation({
    summary: 'Make another secret for an app',
    description: 'At most two live at a time: make the next one, bring it to the app, then end the last one.',
    answer: FreshSecret,
    status: 201,
    body: { type: NewSecret, examples: SECRET_EXAMPLES, required: false },
    problems: [404, 409],
  })
  async add(
    @Param('client_id') clientId: string,
    @Body() { expires_at: expiresAt }: NewSecret,
    @Administrator() actor: AdminActor,
  ): Promise<FreshSecret> {
    const expiry = typeof expiresAt === 'string' ? new Date(expiresAt) : null;
    return this.secrets.add(clientId, expiry, actor);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'End a secret of an app',
    description: 'At once, also when it is the last one.',
    status: 204,
    problems: [404, 409],
  })
  async end(
    @Param('client_id') clientId: string,
    @Param('id') id: string,
    @Administrator() actor: AdminActor,
  ): Promise<void> {
    await this.secrets.end(clientId, id, actor);
  }
}
