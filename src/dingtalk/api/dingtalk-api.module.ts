import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { OutboundModule } from '../../outbound/outbound.module.js';
import { DingTalkClients } from './dingtalk-clients.js';

/**
 * Owns the calls to DingTalk: tokens, pace, retries, the two hosts' envelopes and errors. Hands on a typed client for
 * each source. Leaves what the answers mean for accounts to the rooms below.
 */
@Module({
  imports: [AuditModule, OutboundModule],
  providers: [DingTalkClients],
  exports: [DingTalkClients],
})
export class DingTalkApiModule {}
