/** How a worker is to end: after the drain, as soon as what runs is answered, or now. */
export type HowToEnd = 'drain' | 'finish' | 'abort';

export type ToWorker =
  | { readonly clinch: 'expose'; readonly id: number; readonly worker: string }
  | { readonly clinch: 'collected'; readonly id: number; readonly texts: readonly string[] }
  | { readonly clinch: 'end'; readonly how: HowToEnd };

export type ToSupervisor =
  | { readonly clinch: 'collect'; readonly id: number }
  | { readonly clinch: 'exposed'; readonly id: number; readonly text: string };

/** Whether it is one of ours: Node itself sends others on the same channel. */
export function isOurs(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'clinch' in message;
}
