import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeviceCodeEntity } from './device-code.entity.js';

/** Owns the device authorization grant (RFC 8628). */
@Module({ imports: [TypeOrmModule.forFeature([DeviceCodeEntity])] })
export class DeviceFlowModule {}
