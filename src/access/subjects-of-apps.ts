import { Injectable } from '@nestjs/common';

/** @returns the account that a subject of an app is; undefined where the app has given none like it */
export type AccountOfSubject = (clientId: string, subject: string) => Promise<string | undefined>;

/** Whom an app means by the `sub` that it knows. The room below that makes the subjects declares it. */
@Injectable()
export class SubjectsOfApps {
  private ask: AccountOfSubject = (_clientId, subject) => Promise.resolve(subject);

  declare(ask: AccountOfSubject): void {
    this.ask = ask;
  }

  async accountOf(clientId: string, subject: string): Promise<string | undefined> {
    // What is no subject is nobody's, and some of it no database can be asked for.
    return /^[\x21-\x7e]{1,255}$/.test(subject) ? this.ask(clientId, subject) : undefined;
  }
}
