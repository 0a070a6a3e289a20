import { Get, HttpCode, Param, Post } from '@nestjs/common';
import { AdminController } from '../admin/admin-controller.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { TemplateCheck, TemplateSetup } from './app-template.dto.js';
import { AppTemplates, type TemplateOfApp } from './app-templates.js';
import { TemplateInspection } from './template-inspection.js';

/** What an operator has to do at the other side, and whether it is done. */
@AdminController('apps/:client_id', 'App templates')
export class TemplateSetupController {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly templates: AppTemplates,
    private readonly inspection: TemplateInspection,
  ) {}

  @Get('template-setup')
  @Operation({
    summary: 'Read what to enter at the other side',
    description:
      'Of an app with a template: values, documents such as trust policies, and commands, each to be pasted as it ' +
      'stands. Some are looked up live, such as the thumbprint of the issuer’s certificate.',
    answer: TemplateSetup,
    problems: [404, 409],
  })
  async setup(@Param('client_id') clientId: string): Promise<TemplateSetup> {
    const { client, template, settings } = await this.find(clientId);
    const { values, documents, commands } = await template.setup(client, settings);
    return {
      values: [...values],
      documents: documents.map(({ name, content }) => ({ name, content: { ...content } })),
      commands: [...commands],
    };
  }

  @Post('template-check')
  @HttpCode(200)
  @Operation({
    summary: 'Check an app with a template',
    description:
      'Whether the other side can reach this issuer and will take what it signs, as far as that can be told from here, ' +
      'and whether the app has the roles that its settings ask for. ' +
      'It goes out to the network, and changes nothing.',
    answer: TemplateCheck,
    problems: [404, 409],
  })
  async check(@Param('client_id') clientId: string): Promise<TemplateCheck> {
    const { client, ...opener } = await this.find(clientId);
    return { items: [...(await this.inspection.of(client, opener))] };
  }

  /** @throws {Problem} not-found; conflict for an app without a template, or with one that this server does not have */
  private async find(clientId: string): Promise<TemplateOfApp & { readonly client: Client }> {
    const client = await this.registry.find(clientId);
    if (client === undefined) throw Problem.notFound('app');
    const opener = this.templates.of(client);
    if (opener === undefined) throw new Problem('conflict', 'This app has no template that this server knows.');
    return { client, ...opener };
  }
}
