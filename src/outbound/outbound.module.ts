import { Module } from '@nestjs/common';
import { OutboundCertificates } from './outbound-certificates.js';
import { OutboundHttp } from './outbound-http.js';
import { OutboundStream } from './outbound-stream.js';

/** Owns the way out: the one guarded HTTP client for addresses that came with a registration, and its like for streams and certificates. */
@Module({
  providers: [OutboundHttp, OutboundStream, OutboundCertificates],
  exports: [OutboundHttp, OutboundStream, OutboundCertificates],
})
export class OutboundModule {}
