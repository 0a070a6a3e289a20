import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { tagged } from '../admin/entity-tag.js';
import { pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { AppAccountAdministration } from './app-account-administration.js';
import { AppAccountAnswer, AppAccountChanges, AppAccountQuery, NewAppAccount } from './app-account.dto.js';
import type { AppAccountEntity } from './app-account.entity.js';
import { APP_ACCOUNT_CHANGE_EXAMPLES, APP_ACCOUNT_EXAMPLES } from './app-account-examples.js';

/** What people are called in one app, as somebody said by hand. */
@AdminController('apps/:client_id/accounts', 'App accounts')
export class AppAccountsController {
  constructor(private readonly accounts: AppAccountAdministration) {}

  @Get()
  @Operation({
    summary: "List people's names in an app",
    description:
      'Those given by hand and those that the app’s `account_rule` made and that were used, in the order of their ids; of one ' +
      'person if wished. Who has none here is named by the rule at the first sign-in, if nobody else has the name. ' +
      'Needs `clinch:users:read` too.',
    list: AppAccountAnswer,
    problems: [404],
  })
  async list(
    @Param('client_id') clientId: string,
    @Query() query: AppAccountQuery,
    @Administrator() actor: AdminActor,
  ): Promise<Page<AppAccountAnswer>> {
    const page = pageRequest(query);
    return pageOf(await this.accounts.list(clientId, page, query.user, actor), page, ({ id }) => id, toAnswer);
  }

  @Post()
  @Operation({
    summary: 'Give a person a name in an app',
    description:
      'It comes before the app’s `account_rule`. With several, at most 20, the person chooses at the sign-in.',
    answer: AppAccountAnswer,
    status: 201,
    body: { type: NewAppAccount, examples: APP_ACCOUNT_EXAMPLES },
    tagged: true,
    problems: [404, 409],
  })
  async create(
    @Param('client_id') clientId: string,
    @Body() body: NewAppAccount,
    @Administrator() actor: AdminActor,
  ): Promise<AppAccountAnswer> {
    return toAnswer(await this.accounts.create(clientId, body, actor));
  }

  @Get(':id')
  @Operation({
    summary: "Read a person's name in an app",
    description: 'With the time of its last choice. Needs `clinch:users:read` too.',
    answer: AppAccountAnswer,
    tagged: true,
    problems: [404],
  })
  async read(
    @Param('client_id') clientId: string,
    @Param('id') id: string,
    @Administrator() actor: AdminActor,
  ): Promise<AppAccountAnswer> {
    return toAnswer(await this.accounts.read(clientId, id, actor));
  }

  @Patch(':id')
  @Operation({
    summary: "Change a person's name in an app",
    description: 'The next token has it, also where it was chosen before. A name by rule becomes one by hand.',
    answer: AppAccountAnswer,
    body: { type: AppAccountChanges, examples: APP_ACCOUNT_CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async change(
    @Param('client_id') clientId: string,
    @Param('id') id: string,
    @Body() body: AppAccountChanges,
    @Administrator() actor: AdminActor,
  ): Promise<AppAccountAnswer> {
    return toAnswer(await this.accounts.change(clientId, id, body, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: "Take a person's name in an app away",
    description:
      'From the next token on the person has another of their names there, or what the app’s rule makes. A name by rule is ' +
      'free for whoever comes first.',
    status: 204,
    conditional: true,
    problems: [404],
  })
  async delete(
    @Param('client_id') clientId: string,
    @Param('id') id: string,
    @Administrator() actor: AdminActor,
  ): Promise<void> {
    await this.accounts.delete(clientId, id, actor);
  }
}

function toAnswer(row: AppAccountEntity): AppAccountAnswer {
  const answer: AppAccountAnswer = {
    id: row.id,
    user: row.accountId,
    username: row.username,
    made_by: row.rule === null ? 'hand' : 'rule',
    chosen_at: row.chosenAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
  return tagged(answer, row);
}
