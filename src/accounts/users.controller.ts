import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import type { Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { AccountAdministration } from './account-administration.js';
import { UserQuery } from './user-query.dto.js';
import { NewPassword, NewUser, User, UserChanges } from './user.dto.js';
import { PASSWORD_EXAMPLES, USER_CHANGE_EXAMPLES, USER_EXAMPLES } from './user-examples.js';
import { PersonalData } from './personal-data.js';
import { toMaskedUser, toUser } from './user-wire.js';

/** The people that Clinch knows. */
@AdminController('users', 'People')
export class UsersController {
  constructor(
    private readonly accounts: AccountAdministration,
    private readonly personalData: PersonalData,
  ) {}

  @Get()
  @Operation({
    summary: 'List people',
    description: 'In the order of their ids unless `sort` says otherwise, with e-mail and phone masked.',
    list: User,
  })
  async list(@Query() query: UserQuery): Promise<Page<User>> {
    return this.accounts.list(query);
  }

  @Post()
  @Operation({
    summary: 'Add a person',
    description: 'Only the user name is needed. Without a password the person cannot sign in by name.',
    answer: User,
    status: 201,
    body: { type: NewUser, examples: USER_EXAMPLES },
    tagged: true,
    problems: [409],
  })
  async create(@Body() body: NewUser, @Administrator() actor: AdminActor): Promise<User> {
    const account = await this.accounts.create(body, actor);
    // Nothing that was not just sent.
    return (await this.personalData.mayRead(actor)) ? toUser(account) : toMaskedUser(account);
  }

  @Get(':id')
  @Operation({
    summary: 'Read a person',
    description:
      'Never with the password. E-mail and phone are masked, unless the token has `clinch:personal-data:read` as well; ' +
      'then it is noted who read them.',
    answer: User,
    tagged: true,
    problems: [404],
  })
  async read(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<User> {
    return this.personalData.show(await this.accounts.find(id), actor);
  }

  @Patch(':id')
  @Operation({
    summary: 'Change a person',
    description: 'Fields that are left out stay as they are; null takes a value away.',
    answer: User,
    body: { type: UserChanges, examples: USER_CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async change(@Param('id') id: string, @Body() body: UserChanges, @Administrator() actor: AdminActor): Promise<User> {
    return this.personalData.show(await this.accounts.change(id, body, actor), actor);
  }

  @Put(':id')
  @Operation({
    summary: 'Replace a person',
    description:
      'Fields that are left out have no value afterwards; masked values are refused. The password stays unless it is sent.',
    answer: User,
    body: { type: NewUser, examples: USER_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async replace(@Param('id') id: string, @Body() body: NewUser, @Administrator() actor: AdminActor): Promise<User> {
    return this.personalData.show(await this.accounts.replace(id, body, actor), actor);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a person',
    description: 'Their sessions and tokens are good for nothing from then on. The id is never given again.',
    status: 204,
    conditional: true,
    problems: [404],
  })
  async delete(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<void> {
    await this.accounts.delete(id, actor);
  }

  @Put(':id/password')
  @HttpCode(204)
  @Operation({
    summary: 'Set a password',
    description: 'Ends the sign-ins made before.',
    status: 204,
    body: { type: NewPassword, examples: PASSWORD_EXAMPLES },
    conditional: true,
    problems: [404],
  })
  async setPassword(
    @Param('id') id: string,
    @Body() { password }: NewPassword,
    @Administrator() actor: AdminActor,
  ): Promise<void> {
    if (password === undefined) throw Problem.ofFields([{ field: 'password', problem: 'is required' }]);
    await this.accounts.change(id, { password }, actor);
  }
}
