import type { ClinchConfig } from '../config/clinch-config.js';

/** What a command has to work with. */
export interface Surroundings {
  /** Reads and checks the environment. @throws {ConfigError} */
  readonly config: () => ClinchConfig;
  /** Writes a line on standard output. */
  readonly say: (line: string) => void;
  /** Ends when somebody interrupts the program. */
  readonly signal: AbortSignal;
}

/** One command of `npx clinch`. */
export interface Command {
  /** Its words, such as `keys rotate`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` says: arguments and options, what is done, what the exit codes mean. */
  readonly help: string;
  /**
   * @returns the exit code: 0 for done, 1 for what it found amiss
   * @throws {UsageError} for arguments that it does not understand
   */
  readonly run: (args: readonly string[], surroundings: Surroundings) => Promise<number>;
}

/** The command line makes no sense. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
