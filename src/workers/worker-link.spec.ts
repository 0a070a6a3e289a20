import cluster from 'node:cluster';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HowToEnd } from './messages.js';
import { WorkerLink } from './worker-link.js';

/** A link as a worker has it, and the way its supervisor's messages come. */
function linkOfWorker(): { link: WorkerLink; supervisorSays: (how: HowToEnd) => void } {
  const on = vi.spyOn(process, 'on').mockReturnValue(process);
  const link = new WorkerLink();
  const [, listener] = on.mock.calls.find(([event]) => String(event) === 'message') ?? [];
  if (listener === undefined) throw new Error('it does not listen');
  return { link, supervisorSays: (how) => (listener as (message: unknown) => void)({ clinch: 'end', how }) };
}

describe('the link of a worker to its supervisor', () => {
  beforeEach(() => void Reflect.set(cluster, 'isWorker', true));
  afterEach(() => void Reflect.set(cluster, 'isWorker', false));

  it('keeps what came while the worker was starting, the last of it', () => {
    const { link, supervisorSays } = linkOfWorker();
    supervisorSays('drain');
    supervisorSays('abort');
    const told: HowToEnd[] = [];
    link.onEnd((how) => told.push(how));
    expect(told).toEqual(['abort']);
  });

  it('tells at once what comes later, and nothing that nobody asked for', () => {
    const { link, supervisorSays } = linkOfWorker();
    const told: HowToEnd[] = [];
    link.onEnd((how) => told.push(how));
    expect(told).toEqual([]);
    supervisorSays('finish');
    expect(told).toEqual(['finish']);
  });
});
