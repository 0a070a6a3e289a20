import type { Leg } from './faults.js';
import type { Call } from './exchange.js';

/** One request that arrived, without the token, the credentials and the tickets in it. */
export interface LoggedCall {
  readonly leg: Leg;
  readonly method: string;
  readonly action: string | undefined;
  /** Names only. */
  readonly inQuery: readonly string[];
  readonly inForm: readonly string[];
  /** Those whose values are no secret. */
  readonly values: Readonly<Record<string, string>>;
  /** 0 when there was no answer. */
  readonly status: number;
  /** Of a refusal. */
  readonly code: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tookMs: number;
}

const OPEN = new Set([
  'Action',
  'Version',
  'Format',
  'Timestamp',
  'OIDCProviderArn',
  'RoleArn',
  'RoleSessionName',
  'DurationSeconds',
  'TicketType',
  'LoginUrl',
  'Destination',
]);

export function logged(
  leg: Leg,
  call: Call,
  outcome: Pick<LoggedCall, 'status' | 'code' | 'at' | 'tookMs'>,
): LoggedCall {
  const all = [...call.query, ...call.form];
  const values = Object.fromEntries(all.filter(([name]) => OPEN.has(name)));
  return {
    leg,
    method: call.method,
    action: values['Action'],
    inQuery: [...call.query.keys()],
    inForm: [...call.form.keys()],
    values,
    ...outcome,
  };
}
