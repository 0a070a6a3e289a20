import { readFileSync } from 'node:fs';

/** What stops the start: every fault of the configuration, one line each. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

/** Reads variables one by one and gathers the faults, so that an operator sees all of them at once. */
export class EnvironmentReader {
  readonly faults: string[] = [];
  private readonly faultyNames = new Set<string>();

  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  /** An empty variable counts as not set: compose files and service units write them so. */
  has(name: string): boolean {
    return (this.environment[name] ?? '') !== '';
  }

  faulty(...names: string[]): boolean {
    return names.some((name) => this.faultyNames.has(name));
  }

  fault(name: string, problem: string, example: string): void {
    this.faultyNames.add(name);
    this.faults.push(`${name} ${problem}. Example: ${example}`);
  }

  /**
   * @param parse turns the text into the value, or throws an Error whose message completes the sentence "NAME …"
   * @returns the value, or undefined when the variable is absent (and has no default) or faulty
   */
  text<T>(name: string, fallback: string | undefined, parse: (text: string) => T, example: string): T | undefined {
    const text = this.has(name) ? this.environment[name] : fallback;
    if (text === undefined) return undefined;
    try {
      return parse(text.trim());
    } catch (error) {
      this.fault(name, messageOf(error), example);
      return undefined;
    }
  }

  list<T>(name: string, parse: (text: string) => T, example: string): T[] {
    const parseAll = (text: string) => text.split(',').map((part) => parse(part.trim()));
    return this.text(name, undefined, parseAll, example) ?? [];
  }

  /** Like text, with the value in the file that the variable names. */
  private file<T>(name: string, parse: (text: string) => T, example: string): T | undefined {
    return this.text(name, undefined, (path) => parse(readSecretFile(path)), example);
  }

  /**
   * Like text, for what not everybody may see in the list of processes: `NAME` or, with the value in a file, `NAME_FILE`.
   * Both at once are a fault.
   */
  secret<T>(name: string, parse: (text: string) => T, example: string): T | undefined {
    const file = `${name}_FILE`;
    if (!this.has(file)) return this.text(name, undefined, parse, example);
    const path = `/run/secrets/${name.toLowerCase().replaceAll('_', '-')}`;
    if (!this.has(name)) return this.file(file, parse, path);
    this.fault(file, `is set beside ${name}; give one of the two`, path);
    return undefined;
  }

  /** Whether a `secret` was given, one way or the other. */
  hasSecret(name: string): boolean {
    return this.has(name) || this.has(`${name}_FILE`);
  }

  /** A misspelt variable would otherwise be a silent default. */
  refuseUnknown(prefix: string, known: readonly string[]): void {
    for (const name of Object.keys(this.environment)) {
      if (!name.startsWith(prefix) || known.includes(name) || name.startsWith('CLINCH_TEST_')) continue;
      const nearest = nearestOf(name, known);
      this.fault(name, 'is not a variable of Clinch', nearest === undefined ? known.join(', ') : `${nearest}=…`);
    }
  }
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Error(`names a file that cannot be read (${messageOf(error)})`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nearestOf(name: string, known: readonly string[]): string | undefined {
  const words = new Set(name.split('_'));
  const score = (candidate: string) => candidate.split('_').filter((word) => words.has(word)).length;
  const best = [...known].sort((a, b) => score(b) - score(a))[0];
  return best !== undefined && score(best) > 1 ? best : undefined;
}
