import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { AdminActor } from '../../admin/admin-actor.js';
import { Administrator } from '../../admin/admin.guard.js';
import { AdminController } from '../../admin/admin-controller.js';
import { ListQuery, pageOf, pageRequest, type Page } from '../../admin/list-page.js';
import { Operation } from '../../admin/operation.js';
import { AuditLog } from '../../audit/audit-log.js';
import { ClinchConfig } from '../../config/clinch-config.js';
import { Keyring } from '../../keyring/keyring.js';
import { IdentitySource } from '../source/identity-source.js';
import { CallbackKeys } from './callback-keys.dto.js';
import {
  IdentitySourceAnswer,
  IdentitySourceChanges,
  NewIdentitySource,
  ReplacedIdentitySource,
} from './identity-source.dto.js';
import { SOURCE_CHANGE_EXAMPLES, SOURCE_EXAMPLES, SOURCE_REPLACEMENT_EXAMPLES } from './identity-source-examples.js';
import { SourceAdministration } from './source-administration.js';
import { SourceCheck } from './source-check.dto.js';
import { SourceChecks } from './source-checks.js';
import { SourceSetup } from './source-setup.dto.js';
import { setupOf } from './source-setup.js';
import { toAnswer } from './source-wire.js';

/** The organisations' DingTalks. */
@AdminController('identity-sources', 'Identity sources')
export class IdentitySourcesController {
  constructor(
    private readonly sources: SourceAdministration,
    private readonly checks: SourceChecks,
    private readonly keyring: Keyring,
    private readonly config: ClinchConfig,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({
    summary: 'List identity sources',
    description: 'The organisations whose people sign in by their DingTalk, in the order of their ids.',
    list: IdentitySourceAnswer,
  })
  async list(@Query() query: ListQuery): Promise<Page<IdentitySourceAnswer>> {
    const page = pageRequest(query);
    return pageOf(await this.sources.list(page), page, ({ id }) => id, toAnswer);
  }

  @Post()
  @Operation({
    summary: 'Connect an organisation’s DingTalk',
    description:
      'With the credentials of an internal app of that organisation. Then paste into DingTalk’s console what ' +
      '`GET /identity-sources/{id}/setup` says, and see by `POST /identity-sources/{id}/check` whether it works. ' +
      'An organisation has one source (409). Whoever makes a source decides who its people are; `match_by`, and hosts ' +
      'that are not DingTalk’s own, need the scope `clinch:users:write` as well.',
    answer: IdentitySourceAnswer,
    status: 201,
    body: { type: NewIdentitySource, examples: SOURCE_EXAMPLES },
    tagged: true,
    problems: [409],
  })
  async create(@Body() body: NewIdentitySource, @Administrator() actor: AdminActor): Promise<IdentitySourceAnswer> {
    return toAnswer(await this.sources.create(body, actor));
  }

  @Get(':id')
  @Operation({
    summary: 'Read an identity source',
    description: 'Without its secrets: whether the callback keys are set says `has_callback_keys`.',
    answer: IdentitySourceAnswer,
    tagged: true,
    problems: [404],
  })
  async read(@Param('id') id: string): Promise<IdentitySourceAnswer> {
    return toAnswer(await this.sources.find(id));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change an identity source',
    description:
      'Fields that are left out stay as they are, the secrets too. Another app or other hosts need the secret again. ' +
      'Switched off, nobody signs in by it and no change is taken in; who is signed in stays so.',
    answer: IdentitySourceAnswer,
    body: { type: IdentitySourceChanges, examples: SOURCE_CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async change(
    @Param('id') id: string,
    @Body() body: IdentitySourceChanges,
    @Administrator() actor: AdminActor,
  ): Promise<IdentitySourceAnswer> {
    return toAnswer(await this.sources.change(id, body, actor));
  }

  @Put(':id')
  @Operation({
    summary: 'Replace an identity source',
    description: 'Fields that are left out fall back to their defaults; id, CorpId and secrets stay.',
    answer: IdentitySourceAnswer,
    body: { type: ReplacedIdentitySource, examples: SOURCE_REPLACEMENT_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async replace(
    @Param('id') id: string,
    @Body() body: ReplacedIdentitySource,
    @Administrator() actor: AdminActor,
  ): Promise<IdentitySourceAnswer> {
    return toAnswer(await this.sources.replace(id, body, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete an identity source',
    description:
      'Nobody signs in by it any more. The accounts of its people stay, as they are; that they are these people of the ' +
      'organisation is forgotten, with its departments, roles and events. To stop it for a while, switch it off instead.',
    status: 204,
    conditional: true,
    problems: [404],
  })
  async delete(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<void> {
    await this.sources.delete(id, actor);
  }

  @Post(':id/callback-keys')
  @Operation({
    summary: 'Make the keys of the HTTP callback',
    description:
      'Fresh ones, in the place of those that may be there, and shown this once. Paste both into DingTalk’s console; ' +
      'until then no push from there is accepted.',
    answer: CallbackKeys,
    status: 201,
    problems: [404, 409],
  })
  async renewCallbackKeys(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<CallbackKeys> {
    return this.sources.renewCallbackKeys(id, actor);
  }

  @Post(':id/check')
  @HttpCode(200)
  @Operation({
    summary: 'Try an identity source',
    description:
      'By the real calls, whether it is switched on or not, within ten seconds: whether DingTalk is there and takes the ' +
      'credentials, this server’s address, the visible range, each permission that is needed for what is switched on, ' +
      'the sign-in calls with codes that are none, the channel for events. What cannot be tried without what failed is ' +
      'left out. Nothing is changed.',
    answer: SourceCheck,
    problems: [404],
  })
  async check(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<SourceCheck> {
    const found = await this.checks.check(new IdentitySource(await this.sources.find(id), this.keyring));
    const failed = found.findings.filter(({ ok }) => !ok).map(({ check, permission }) => permission ?? check);
    this.audit.record('identity_source.checked', actor, { source: id, ok: found.ok, failed });
    return found;
  }

  @Get(':id/setup')
  @Operation({
    summary: 'What to paste into DingTalk’s console',
    description: 'Step by step, with the exact values for this source and what it has switched on.',
    answer: SourceSetup,
    problems: [404],
  })
  async setup(@Param('id') id: string): Promise<SourceSetup> {
    return setupOf(await this.sources.find(id), this.config);
  }
}
