import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HistoryWriter } from './history-writer.js';
import { SignInEventEntity } from './sign-in-event.entity.js';
import { SignInHistory } from './sign-in-history.js';

/**
 * Owns the time line of somebody's sign-ins: what of the audit's events it is made of (`history-line.ts`), how it is
 * written, how long it is kept. Hands on its lines. Leaves the words for them to the page.
 */
@Module({
  imports: [TypeOrmModule.forFeature([SignInEventEntity]), AccountsModule, AuditModule],
  providers: [HistoryWriter, SignInHistory],
  exports: [SignInHistory],
})
export class SignInHistoryModule {}
