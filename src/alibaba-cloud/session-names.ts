import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Opening } from '../app-templates/app-template.js';
import { PeopleFacts } from '../person-facts/people-facts.js';
import type { SessionNameSource } from './alibaba-cloud-settings.dto.js';
import { sessionName, type NameChoice } from './session-name.js';

/** What people are called in the audit trail of Alibaba Cloud, as the app has it. */
@Injectable()
export class SessionNames {
  constructor(private readonly people: PeopleFacts) {}

  async of({ account, appAccount, subject }: Opening, source: SessionNameSource): Promise<string> {
    const choices: Record<SessionNameSource, () => Promise<NameChoice> | NameChoice> = {
      username: () => ({ text: account.username, unique: true }),
      email: () => emailOf(account),
      job_number: async () => this.jobNumberOf(account),
      app_account: () => ({ text: appAccount, unique: true }),
      subject: () => ({ text: subject, unique: true }),
    };
    return sessionName(account.id, [await choices[source](), await choices.username(), emailOf(account)]);
  }

  /** Directories give the same number twice now and then. */
  private async jobNumberOf(account: Account): Promise<NameChoice> {
    const { custom } = await this.people.of(account);
    const number = custom?.['job_number'];
    return { text: typeof number === 'number' ? String(number) : textOf(number), unique: false };
  }
}

/** Families and teams share addresses. */
function emailOf({ claims }: Account): NameChoice {
  return { text: textOf(claims['email']), unique: false };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
