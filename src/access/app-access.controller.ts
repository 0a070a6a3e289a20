import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { Reads } from '../admin/admin-part.js';
import { TakesQuery } from '../admin/admin-request.interceptor.js';
import { Operation } from '../admin/operation.js';
import { AccessExplanations } from './access-explanations.js';
import { PREVIEW_EXAMPLES } from './access-examples.js';
import { AccessPreview } from './access-preview.js';
import { AssignmentLookup } from './assignment-lookup.js';
import { AccessExplanation, RequestQuery } from './explanation.dto.js';
import { PersonInApp } from './person-in-app.js';
import { AccessDraft, AccessPreview as Preview } from './preview.dto.js';

const ALSO = 'Needs `clinch:users:read` too: it says something about people.';

/** Why people may enter an app, and what a change would come to. */
@AdminController('apps/:client_id/access', 'Access')
export class AppAccessController {
  constructor(
    private readonly people: PersonInApp,
    private readonly lookup: AssignmentLookup,
    private readonly explanations: AccessExplanations,
    private readonly previews: AccessPreview,
  ) {}

  @Get(':user')
  @TakesQuery()
  @Operation({
    summary: 'Explain why a person may enter, or may not',
    description:
      'Every assignment that speaks of the person, those that do not count too, and by what; the rule with what it ' +
      `says; roles and permissions with where each comes from. ${ALSO}`,
    answer: AccessExplanation,
    problems: [404],
  })
  async explain(
    @Param('client_id') clientId: string,
    @Param('user') user: string,
    @Query() query: RequestQuery,
    @Administrator() actor: AdminActor,
  ): Promise<AccessExplanation> {
    const client = await this.people.app(clientId);
    await this.people.requirePeople(actor);
    const account = await this.people.person(user);
    const request = this.explanations.requestFor([client.metadata.accessRule], query);
    const assignments = await this.lookup.ofPerson(account.id, client);
    return this.explanations.explain(account, client, assignments, request);
  }

  @Post('preview')
  @HttpCode(200)
  @Reads()
  @Operation({
    summary: 'Preview a change of access',
    description:
      'How many people would come to enter the app, and how many could no more, with the first names of each; for one ' +
      `person the explanation before and after. Nothing is stored. ${ALSO} A drafted rule that reads e-mail addresses ` +
      'or telephone numbers needs `clinch:personal-data:read` as well.',
    answer: Preview,
    body: { type: AccessDraft, examples: PREVIEW_EXAMPLES, required: false },
    problems: [404],
  })
  async preview(
    @Param('client_id') clientId: string,
    @Body() draft: AccessDraft,
    @Administrator() actor: AdminActor,
  ): Promise<Preview> {
    const client = await this.people.app(clientId);
    await this.people.requirePeople(actor);
    return this.previews.of(client, draft, actor);
  }
}
