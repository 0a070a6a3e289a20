import { Body, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { Administrator } from '../../admin/admin.guard.js';
import { AdminController } from '../../admin/admin-controller.js';
import type { Page } from '../../admin/list-page.js';
import { Operation, type OperationExamples } from '../../admin/operation.js';
import type { Actor } from '../../audit/audit-log.js';
import { Identity, NewIdentity } from './identity.dto.js';
import type { Identity as StoredIdentity } from './identity-store.js';
import { Linking } from './linking.js';

const EXAMPLES: OperationExamples<NewIdentity> = {
  dingtalk: { summary: 'Somebody of the organisation acme', value: { source: 'acme', user_id: 'manager4220' } },
};

/** Who people are in the organisations' directories. */
@AdminController('users/:id/identities', 'People')
export class IdentitiesController {
  constructor(private readonly linking: Linking) {}

  @Get()
  @Operation({
    summary: "List a person's identities",
    description: 'Who the account is in each organisation, the oldest first. All on one page.',
    list: Identity,
    problems: [404],
  })
  async list(@Param('id') id: string): Promise<Page<Identity>> {
    return { items: (await this.linking.identitiesOf(id)).map(toIdentity), next_cursor: null };
  }

  @Post()
  @Operation({
    summary: 'Link an account to a person of an organisation',
    description:
      'The person is read at DingTalk. Whoever has an account already keeps it (409), and an account is one person of ' +
      'an organisation at most. Nothing is ever linked by e-mail or phone alone, unless the source matches by verified ones.',
    answer: Identity,
    status: 201,
    body: { type: NewIdentity, examples: EXAMPLES },
    problems: [404, 409],
  })
  async link(@Param('id') id: string, @Body() body: NewIdentity, @Administrator() actor: Actor): Promise<Identity> {
    return toIdentity(await this.linking.link(id, body.source, body.user_id, actor));
  }

  @Delete(':identityId')
  @HttpCode(204)
  @Operation({
    summary: 'Unlink an account from a person of an organisation',
    description: 'The account stays as it is. What the directory knew of the person is not kept.',
    status: 204,
    problems: [404],
  })
  async unlink(
    @Param('id') id: string,
    @Param('identityId') identityId: string,
    @Administrator() actor: Actor,
  ): Promise<void> {
    await this.linking.unlink(id, identityId, actor);
  }
}

function toIdentity({ id, sourceId, userId, unionId, holdsUserId, leftAt }: StoredIdentity): Identity {
  return {
    id,
    source: sourceId,
    user_id: userId,
    union_id: unionId,
    current: holdsUserId,
    left_at: leftAt?.toISOString() ?? null,
  };
}
