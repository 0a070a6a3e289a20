import { Module } from '@nestjs/common';
import { OutboundHttp } from './outbound-http.js';

/** Owns the way out: the one guarded HTTP client for addresses that came with a registration. */
@Module({ providers: [OutboundHttp], exports: [OutboundHttp] })
export class OutboundModule {}
