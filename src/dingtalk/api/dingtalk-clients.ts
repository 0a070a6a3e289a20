import { Injectable } from '@nestjs/common';
import { ServerLog } from '../../audit/server-log.js';
import { Measurements, type Histogram } from '../../measurements/measurements.js';
import { OutboundHttp } from '../../outbound/outbound-http.js';
import type { IdentitySource } from '../source/identity-source.js';
import { DingTalkCalls } from './dingtalk-calls.js';
import { DingTalkClient } from './dingtalk-client.js';

/** Seconds: DingTalk answers in tenths of one, and gives up after three; so do we after five. */
const BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

interface Shared {
  /** The app and the hosts: with others, everything that was learnt is worth nothing. */
  readonly address: string;
  readonly calls: DingTalkCalls;
}

/** One client for each source, so that its token, its pace and its circuit are shared by all who call. */
@Injectable()
export class DingTalkClients {
  private readonly shared = new Map<string, Shared>();
  private readonly durations: Histogram;

  constructor(
    private readonly http: OutboundHttp,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    this.durations = measurements.histogram(
      'clinch_dingtalk_call_duration_seconds',
      'Calls to DingTalk by source and outcome (ok, or what was wrong), and how long they took',
      BOUNDS,
    );
  }

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
    return new DingTalkCalls(this.http, this.log, id, this.durations);
  }
}
