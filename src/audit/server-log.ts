import { Injectable, type LoggerService, type OnApplicationShutdown } from '@nestjs/common';
import { pino, destination, type DestinationStream, type Logger } from 'pino';
import { hostname } from 'node:os';
import { ClinchConfig } from '../config/clinch-config.js';

type Fields = Readonly<Record<string, unknown>>;

/** Members that no line may show, wherever somebody logs an object that has them. */
const REDACTED = [
  'password',
  'client_secret',
  'clientSecret',
  'code',
  'code_verifier',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'id_token_hint',
  'client_assertion',
  'authorization',
  'cookie',
];

/**
 * Structured log lines on standard output, by pino. Also Nest's own logger.
 */
@Injectable()
export class ServerLog implements LoggerService, OnApplicationShutdown {
  private readonly pino: Logger;
  private readonly sink: DestinationStream & { flushSync?: () => void };

  constructor(config: ClinchConfig) {
    this.sink = destination({ fd: 1, sync: false });
    this.pino = pino(
      {
        level: config.logLevel,
        base: { pid: process.pid, node: hostname() },
        redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
        serializers: { err: serializeError },
      },
      this.sink,
    );
  }

  /** Whether lines of that level are written: a line on every request is not even put together for nothing. */
  isOn(level: 'info' | 'debug'): boolean {
    return this.pino.isLevelEnabled(level);
  }

  info(fields: Fields, message?: string): void {
    this.pino.info(fields, message);
  }

  warning(fields: Fields, message?: string): void {
    this.pino.warn(fields, message);
  }

  failure(fields: Fields, message?: string): void {
    this.pino.error(fields, message);
  }

  log(message: unknown, context?: string): void {
    this.pino.debug({ context }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.pino.warn({ context }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.pino.error({ context: rest.at(-1), err: message instanceof Error ? message : undefined }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.pino.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.pino.trace({ context }, String(message));
  }

  onApplicationShutdown(): void {
    this.sink.flushSync?.();
  }
}

/** Type, message and stack; never the parameters of a failed query, which TypeORM attaches and which may be secrets. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: serializeError(error.cause) };
  return { type: error.name, message: error.message, stack: error.stack, ...code, ...cause };
}
