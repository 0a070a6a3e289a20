import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiResourceEntity } from './api-resource.entity.js';

/** Owns the APIs that access tokens can be for (RFC 8707). */
@Module({ imports: [TypeOrmModule.forFeature([ApiResourceEntity])] })
export class ApiResourceModule {}
