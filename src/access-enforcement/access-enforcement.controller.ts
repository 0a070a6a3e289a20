import { HttpCode, Param, Post } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { Operation } from '../admin/operation.js';
import { AppAdministration } from '../app-registry/app-administration.js';
import { AppProtection } from '../app-registry/app-protection.js';
import { AccessEnforcement } from './access-enforcement.js';
import { EnforcedAccess } from './access-enforcement.dto.js';

/** Access that is taken away, at once. */
@AdminController('apps/:client_id/access', 'Access')
export class AccessEnforcementController {
  constructor(
    private readonly apps: AppAdministration,
    private readonly protection: AppProtection,
    private readonly enforcement: AccessEnforcement,
  ) {}

  @Post('enforce')
  @HttpCode(200)
  @Operation({
    summary: 'Make access hold now',
    description:
      'Whoever may not enter the app any more is out of it at once: codes, what devices were allowed, refresh tokens and ' +
      'access tokens end. Without this they end at the next refresh, or with their lifetime.',
    answer: EnforcedAccess,
    problems: [404],
  })
  async enforce(@Param('client_id') clientId: string, @Administrator() actor: AdminActor): Promise<EnforcedAccess> {
    const app = await this.apps.find(clientId);
    await this.protection.refuseEscalation(actor, app);
    const { people, ended, families, ruleJudged } = await this.enforcement.enforce(app, actor);
    return { people, ended, refresh_token_families: families, rule_judged: ruleJudged };
  }
}
