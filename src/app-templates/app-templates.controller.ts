import { Get, type OnModuleInit } from '@nestjs/common';
import { AdminController } from '../admin/admin-controller.js';
import { AdminDocument } from '../admin/admin-document.js';
import { Operation } from '../admin/operation.js';
import { TemplateList } from './app-template.dto.js';
import { AppTemplates } from './app-templates.js';

/** The templates that apps can be registered by. */
@AdminController('app-templates', 'App templates')
export class AppTemplatesController implements OnModuleInit {
  constructor(
    private readonly templates: AppTemplates,
    private readonly document: AdminDocument,
  ) {}

  onModuleInit(): void {
    this.document.choose('template_settings', () => this.templates.all().map(({ settings }) => settings));
  }

  @Get()
  @Operation({
    summary: 'List app templates',
    description:
      'For apps that trust this issuer and give roles of their own for an id token. All of them: there are few.',
    answer: TemplateList,
  })
  list(): TemplateList {
    const items = this.templates.all().map(({ id, name, settings }) => ({
      id,
      name,
      settings_schema: `#/components/schemas/${settings.name}`,
    }));
    return { items };
  }
}
