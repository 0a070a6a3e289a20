import { Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import type { Actor } from '../audit/audit-log.js';
import type { ConsentEntity } from '../interaction/consent.entity.js';
import { Consent, ConsentQuery } from './consent.dto.js';
import { ConsentWithdrawal } from './consent-withdrawal.js';
import { consentId, Consents } from './consents.js';

/** What people agreed to. */
@AdminController('consents', 'Consents')
export class ConsentsController {
  constructor(
    private readonly consents: Consents,
    private readonly withdrawal: ConsentWithdrawal,
  ) {}

  @Get()
  @Operation({
    summary: 'List consents',
    description:
      'What people agreed that apps may have, in the order of their ids; of one person or one app if wished.',
    list: Consent,
  })
  async list(@Query() query: ConsentQuery): Promise<Page<Consent>> {
    const page = pageRequest(query);
    return pageOf(await this.consents.list(page, query), page, consentId, toConsent);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Withdraw a consent',
    description:
      'The person is asked again at the next sign-in. The refresh tokens and access tokens that the app has for the person ' +
      'end at once.',
    status: 204,
    problems: [404],
  })
  async withdraw(@Param('id') id: string, @Administrator() actor: Actor): Promise<void> {
    const consent = await this.consents.find(id);
    if (consent === null) throw Problem.notFound('consent');
    await this.withdrawal.withdraw(consent.accountId, consent.clientId, actor);
  }
}

function toConsent(consent: ConsentEntity): Consent {
  return {
    id: consentId(consent),
    user_id: consent.accountId,
    client_id: consent.clientId,
    scope: consent.scope,
    granted_at: consent.grantedAt.toISOString(),
  };
}
