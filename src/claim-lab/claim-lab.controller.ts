import { Body, HttpCode, Param, Post } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { AdminController } from '../admin/admin-controller.js';
import { Reads } from '../admin/admin-part.js';
import { Administrator } from '../admin/admin.guard.js';
import { Operation } from '../admin/operation.js';
import { ClaimLabAnswer, ClaimLabRequest } from './claim-lab.dto.js';
import { CLAIM_LAB_EXAMPLES } from './claim-lab-examples.js';
import { ClaimLab } from './claim-lab.js';

/** What an app would be told of a person. */
@AdminController('apps/:client_id/claim-lab', 'Claim lab')
export class ClaimLabController {
  constructor(private readonly lab: ClaimLab) {}

  @Post()
  @HttpCode(200)
  @Reads()
  @Operation({
    summary: 'See the tokens that would be issued',
    description:
      'For a person and a scope: the access token, the id_token and userinfo, each claim with the source and rule that ' +
      'made it, each refused claim with why; with a draft of the app the same, and the difference. Nothing is issued or ' +
      'stored. It needs `clinch:users:read` as well; without `clinch:personal-data:read`, e-mail and phone are masked.',
    answer: ClaimLabAnswer,
    body: { type: ClaimLabRequest, examples: CLAIM_LAB_EXAMPLES },
    problems: [404],
  })
  async look(
    @Param('client_id') clientId: string,
    @Body() body: ClaimLabRequest,
    @Administrator() actor: AdminActor,
  ): Promise<ClaimLabAnswer> {
    return this.lab.look(clientId, body, actor);
  }
}
