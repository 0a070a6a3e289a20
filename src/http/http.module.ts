import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AuditModule } from '../audit/audit.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { Cookies } from './cookies.js';
import { CrossOriginAnswers } from './cross-origin.js';
import { Csrf } from './csrf.js';
import { DirectRoutes } from './direct-routes.js';
import { Gate } from './gate.js';
import { PageSender } from './page-sender.js';
import { RequestWatch } from './request-watch.js';
import { RouteTable } from './route-table.js';
import { StylesheetController } from './stylesheet.controller.js';

/**
 * Owns what every endpoint shares: the gate that each request passes, form bodies, cookies, CSRF, CORS, page headers,
 * and the shapes of errors. Hands on the filters and the page sender. Leaves every rule of a protocol to its room.
 */
@Module({
  imports: [DiscoveryModule, AuditModule, KeyringModule, SettingsModule],
  controllers: [StylesheetController],
  providers: [Cookies, Csrf, CrossOriginAnswers, DirectRoutes, Gate, PageSender, RequestWatch, RouteTable],
  exports: [AuditModule, Cookies, Csrf, CrossOriginAnswers, DirectRoutes, Gate, PageSender, RouteTable],
})
export class HttpModule {}
