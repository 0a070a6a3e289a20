import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../../admin/admin.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { OutboundModule } from '../../outbound/outbound.module.js';
import { DingTalkApiModule } from '../api/dingtalk-api.module.js';
import { DingTalkDirectoryModule } from '../directory/dingtalk-directory.module.js';
import { PeopleModule } from '../people/people.module.js';
import { IdentitySourceModule } from '../source/identity-source.module.js';
import { CallbackController } from './callback.controller.js';
import { DirectoryEventEntity } from './directory-event.entity.js';
import { EventChannelEntity } from './event-channel.entity.js';
import { EventChannels } from './event-channels.js';
import { EventHandler } from './event-handler.js';
import { EventLog } from './event-log.js';
import { EventInbox } from './event-inbox.js';
import { EventStore } from './event-store.js';
import { EventWorker } from './event-worker.js';
import { EventsController } from './events.controller.js';
import { FailedEventList } from './failed-event-list.js';
import { StreamIntake } from './stream-intake.js';
import { Streams } from './streams.js';

/**
 * Owns how changes in an organisation's directory become known: the encrypted callback, the Stream connection, the list of
 * what could not be delivered; and the one queue and the one handler behind them. Hands on what came of it. Leaves the reading of people, departments and roles to `directory`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([DirectoryEventEntity, EventChannelEntity]),
    AdminModule,
    AuditModule,
    OutboundModule,
    IdentitySourceModule,
    DingTalkApiModule,
    PeopleModule,
    DingTalkDirectoryModule,
  ],
  controllers: [CallbackController, EventsController],
  providers: [
    EventStore,
    EventLog,
    EventInbox,
    EventHandler,
    EventWorker,
    EventChannels,
    StreamIntake,
    Streams,
    FailedEventList,
  ],
  exports: [EventLog],
})
export class DingTalkEventsModule {}
