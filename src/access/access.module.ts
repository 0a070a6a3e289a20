import { Module } from '@nestjs/common';
import { AccessPolicy } from './access-policy.js';

/** Owns who may use an app. Hands on one question. Leaves who somebody is to `accounts`, and what an app is to `app-registry`. */
@Module({ providers: [AccessPolicy], exports: [AccessPolicy] })
export class AccessModule {}
