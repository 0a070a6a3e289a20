import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { Expressions } from './expressions.js';

/**
 * Owns the language of rules and of claims that apps need without code: CEL, what it can speak of, what of it is refused
 * when it is saved, and the threads it is evaluated in, so that no expression can hold the server up. Hands on a check and
 * an evaluation. Leaves to whoever has a rule which facts it is evaluated over, and what a failure means.
 */
@Module({
  imports: [AuditModule],
  providers: [Expressions],
  exports: [Expressions],
})
export class ExpressionsModule {}
