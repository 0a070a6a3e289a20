import { Injectable, type OnModuleInit } from '@nestjs/common';
import { SubjectsOfApps } from '../access/subjects-of-apps.js';
import { Subjects } from './subjects.js';

/** Lets apps ask about people by the `sub` that they know them by. */
@Injectable()
export class SubjectsForAccess implements OnModuleInit {
  constructor(
    private readonly ofApps: SubjectsOfApps,
    private readonly subjects: Subjects,
  ) {}

  onModuleInit(): void {
    this.ofApps.declare((clientId, subject) => this.subjects.accountOf(clientId, subject));
  }
}
