import { Injectable } from '@nestjs/common';
import type { IdentitySource } from '../source/identity-source.js';
import { DingTalkClient } from './dingtalk-client.js';

/** One client for each source, so that its token, its pace and its circuit are shared by all who call. */
@Injectable()
export class DingTalkClients {
  of(source: IdentitySource): DingTalkClient {
    return new DingTalkClient(source);
  }
}
