import { Injectable } from '@nestjs/common';
import { ServerLog } from '../../audit/server-log.js';
import { OutboundHttp } from '../../outbound/outbound-http.js';
import type { IdentitySource } from '../source/identity-source.js';
import { DingTalkCalls } from './dingtalk-calls.js';
import { DingTalkClient } from './dingtalk-client.js';

interface Shared {
  /** The app and the hosts: with others, everything that was learnt is worth nothing. */
  readonly address: string;
  readonly calls: DingTalkCalls;
}

/** One client for each source, so that its token, its pace and its circuit are shared by all who call. */
@Injectable()
export class DingTalkClients {
  private readonly shared = new Map<string, Shared>();

  constructor(
    private readonly http: OutboundHttp,
    private readonly log: ServerLog,
  ) {}

  of(source: IdentitySource): DingTalkClient {
    const { clientId, apiBaseUrl, oapiBaseUrl } = source.settings;
    const address = JSON.stringify([clientId, apiBaseUrl, oapiBaseUrl]);
    let shared = this.shared.get(source.id);
    if (shared?.address !== address) {
      shared = { address, calls: this.callsOf(source) };
      this.shared.set(source.id, shared);
    }
    return new DingTalkClient(source, shared.calls);
  }

  /** A client that shares nothing with the others, for who must know how things are now: no token, no open circuit. */
  apart(source: IdentitySource): DingTalkClient {
    return new DingTalkClient(source, this.callsOf(source));
  }

  private callsOf({ id }: IdentitySource): DingTalkCalls {
    return new DingTalkCalls(this.http, this.log, id);
  }
}
