import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { Administrators } from './administrators.js';

/**
 * Owns what every part of the admin API shares: who may call it, how bodies are read and refused, lists, problem
 * details, and the OpenAPI document with its pages. Hands on `@AdminController` and its kin. Leaves what is
 * administered to the room that it belongs to.
 */
@Module({
  imports: [HttpModule, TokenSigningModule],
  providers: [Administrators],
  exports: [HttpModule, TokenSigningModule, Administrators],
})
export class AdminModule {}
