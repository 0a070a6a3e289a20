import { Module } from '@nestjs/common';
import { WorkerLink } from './worker-link.js';

/**
 * Owns what several processes on one machine need of each other: the supervisor that starts them, starts them again and
 * ends them (`supervisor.ts`, which is no part of the application), and each worker's way to it. Leaves to `operations`
 * what a worker answers, and how it ends.
 */
@Module({ providers: [WorkerLink], exports: [WorkerLink] })
export class WorkersModule {}
