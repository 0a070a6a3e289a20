import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { GrantRegistry } from './grant-registry.js';

/** Owns the contract of a grant and the list of those that exist. Leaves each grant to its own room. */
@Module({ imports: [DiscoveryModule, AppRegistryModule], providers: [GrantRegistry], exports: [GrantRegistry] })
export class GrantModule {}
