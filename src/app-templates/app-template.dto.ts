import { AnswerField } from '../admin/fields.js';
import type { Setup, SetupCheck } from './app-template.js';

const TEXT = { type: String, required: true } as const;

/** A template that apps can be registered by. */
export class TemplateOfServer {
  @AnswerField({ ...TEXT, example: 'alibaba_cloud', description: 'For an app’s `template`.' })
  id: string;

  @AnswerField({ ...TEXT, example: 'Alibaba Cloud' })
  name: string;

  @AnswerField({
    ...TEXT,
    example: '#/components/schemas/AlibabaCloudSettings',
    description: 'The schema of an app’s `template_settings`, in this API’s OpenAPI document.',
  })
  settings_schema: string;
}

export class TemplateList {
  @AnswerField({ type: () => TemplateOfServer, isArray: true, required: true })
  items: TemplateOfServer[];
}

export class TemplateSetupValue {
  @AnswerField({ ...TEXT, example: 'issuer' })
  name: string;

  @AnswerField({ ...TEXT, example: 'https://id.example.com' })
  value: string;
}

export class TemplateSetupDocument {
  @AnswerField({ ...TEXT, example: 'trust_policy:clinch-ops' })
  name: string;

  @AnswerField({ type: 'object', additionalProperties: true })
  content: Record<string, unknown>;
}

export class TemplateSetupCommand {
  @AnswerField({ ...TEXT, example: 'create_oidc_provider' })
  name: string;

  @AnswerField({ ...TEXT, description: 'As it is typed into a shell.' })
  command: string;
}

/** What to enter at the other side. */
export class TemplateSetup implements Setup {
  @AnswerField({ type: () => TemplateSetupValue, isArray: true, required: true })
  values: TemplateSetupValue[];

  @AnswerField({ type: () => TemplateSetupDocument, isArray: true, required: true })
  documents: TemplateSetupDocument[];

  @AnswerField({ type: () => TemplateSetupCommand, isArray: true, required: true })
  commands: TemplateSetupCommand[];
}

export class TemplateCheckItem implements SetupCheck {
  @AnswerField({ ...TEXT, example: 'issuer_reachable' })
  name: string;

  @AnswerField({ ...TEXT, enum: ['passed', 'warning', 'failed'] })
  state: 'passed' | 'warning' | 'failed';

  @AnswerField({ ...TEXT, description: 'What was seen, and what to do.' })
  detail: string;
}

export class TemplateCheck {
  @AnswerField({ type: () => TemplateCheckItem, isArray: true, required: true })
  items: TemplateCheckItem[];
}
