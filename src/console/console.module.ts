import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { ConsoleController } from './console.controller.js';
import { ConsolePages } from './console-pages.js';
import { ConsoleSessionEntity } from './console-session.entity.js';
import { ConsoleSessions } from './console-sessions.js';

/**
 * Owns the console: the pages on which operators do by hand what the admin API offers to programs, and who is signed in
 * there. Leaves every rule to the rooms that it shows: a page calls what the API's controller calls.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([ConsoleSessionEntity]),
    AdminModule,
    AppRegistryModule,
    AuditModule,
    HttpModule,
    KeyringModule,
  ],
  controllers: [ConsoleController],
  providers: [ConsolePages, ConsoleSessions],
})
export class ConsoleModule {}
