import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { ServerLog } from '../audit/server-log.js';
import { Measurements, type Counter, type Histogram, type HistogramReading } from '../measurements/measurements.js';
import { clientAddress, loggedPath, loggedUserAgent, type ClinchRequest } from './clinch-request.js';

/** Seconds. The aims of the endpoints are tens of milliseconds; beyond 5 s a request to the database has ended. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** For what no route of ours is: a stranger must not be able to name series. */
const NO_ROUTE = 'none';
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** One line and some figures for every request, when it is over: answered, or given up by whoever sent it. */
@Injectable()
export class RequestWatch {
  private readonly durations: Histogram;
  private readonly refusals: Counter;
  private readonly figures = new Map<string, HistogramReading>();
  private running = 0;

  constructor(
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    this.durations = measurements.histogram(
      'clinch_http_request_duration_seconds',
      'Requests by route, method and outcome (2xx to 5xx, or aborted by the client), and how long they took',
      BOUNDS,
    );
    this.refusals = measurements.counter(
      'clinch_refusals_total',
      'Requests that were refused or failed, by route and error code',
    );
    measurements.gauge('clinch_http_requests_running', 'Requests that have no answer yet', () => [
      { value: this.running },
    ]);
  }

  /** To be called once, when the request comes. */
  begin(request: ClinchRequest, response: Response): void {
    const start = performance.now();
    // Later the issuer's path is taken off.
    const path = this.log.isOn('info') ? loggedPath(request) : '';
    this.running += 1;
    // It comes after every answer, and also where there is none; 'finish' would miss those.
    response.once('close', () => {
      this.running -= 1;
      this.ended(request, response, path, performance.now() - start);
    });
  }

  /** Says what an operator has to mend. */
  warn(request: ClinchRequest, hint: string): void {
    this.log.warning({ kind: 'refusal', traceId: request.traceId, path: loggedPath(request), hint });
  }

  private ended(request: ClinchRequest, response: Response, path: string, ms: number): void {
    const { method, routePath = NO_ROUTE, refusedWith } = request;
    const isAborted = !response.writableFinished;
    const outcome = isAborted ? 'aborted' : `${Math.floor(response.statusCode / 100)}xx`;
    this.durations.note(this.figureOf(method, routePath, outcome), ms / 1000);
    if (refusedWith !== undefined) this.refusals.add({ route: routePath, error: refusedWith });
    if (!this.log.isOn('info')) return;
    this.log.info({
      kind: 'request',
      traceId: request.traceId,
      method,
      path,
      ...(isAborted ? { aborted: true } : { status: response.statusCode }),
      ms: Math.round(ms * 10) / 10,
      address: clientAddress(request),
      userAgent: loggedUserAgent(request),
    });
  }

  /** Kept by one short text, because this is asked on every request. */
  private figureOf(method: string, route: string, outcome: string): HistogramReading {
    const key = `${method} ${route} ${outcome}`;
    let figure = this.figures.get(key);
    if (figure === undefined) {
      const known = METHODS.has(method) ? method : 'other';
      figure = this.durations.of({ method: known, route, outcome });
      if (known === method) this.figures.set(key, figure);
    }
    return figure;
  }
}
