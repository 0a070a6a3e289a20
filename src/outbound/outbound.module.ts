import { Module } from '@nestjs/common';
import { OutboundHttp } from './outbound-http.js';
import { OutboundStream } from './outbound-stream.js';

/** Owns the way out: the one guarded HTTP client for addresses that came with a registration, and its like for streams. */
@Module({ providers: [OutboundHttp, OutboundStream], exports: [OutboundHttp, OutboundStream] })
export class OutboundModule {}
