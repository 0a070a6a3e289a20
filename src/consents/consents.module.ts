import { Module } from '@nestjs/common';
import { AccessEnforcementModule } from '../access-enforcement/access-enforcement.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { AuthorizationCodeModule } from '../authorization-code/authorization-code.module.js';
import { DeviceFlowModule } from '../device-flow/device-flow.module.js';
import { InteractionModule } from '../interaction/interaction.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { ConsentWithdrawal } from './consent-withdrawal.js';
import { Consents } from './consents.js';
import { ConsentsController } from './consents.controller.js';

/**
 * Owns what becomes of a consent later: it is shown, and it is withdrawn together with the tokens that came of it.
 * Leaves asking for it to `interaction`.
 */
@Module({
  imports: [
    AccessEnforcementModule,
    AdminModule,
    AuditModule,
    InteractionModule,
    RefreshTokenModule,
    AuthorizationCodeModule,
    DeviceFlowModule,
  ],
  controllers: [ConsentsController],
  providers: [Consents, ConsentWithdrawal],
  exports: [ConsentWithdrawal],
})
export class ConsentsModule {}
