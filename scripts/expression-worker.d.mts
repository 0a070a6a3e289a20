export const BUNDLED_WORKER: string;
export function bundleExpressionWorker(): Promise<string>;
