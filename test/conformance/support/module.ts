import type { Provider } from './provider.js';

/** One rule of one module of the suite, run against a server. */
export interface ConformanceTest {
  /** The module's name in the suite. */
  readonly module: string;
  /** What the server must do, as a sentence. */
  readonly rule: string;
  readonly run: (provider: Provider) => Promise<void>;
}
