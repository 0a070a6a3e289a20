import { readFileSync, readlinkSync } from 'node:fs';

/** The number that the system knows this thread by, or 0 where it does not tell. On Linux, proc(5). */
export function systemThreadId(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** How long a thread of this process has been on a processor, in milliseconds; nothing where the system does not tell. */
export function processorTimeOf(threadId: number): number | undefined {
  if (threadId === 0) return undefined;
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${threadId}/schedstat`, 'latin1').split(' ');
    const time = Number(nanoseconds) / 1e6;
    // 0 is what a kernel says that does not count.
    return time > 0 ? time : undefined;
  } catch {
    return undefined;
  }
}
