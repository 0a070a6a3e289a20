import { ClinchConfig } from '../config/clinch-config.js';
import { ConfigError } from '../config/environment-reader.js';
import { StartError } from '../config/start-error.js';
import { UsageError, type Command, type Surroundings } from './command.js';

/** Where a command's words go. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Finds the command that the arguments name and runs it.
 *
 * @param args without the program's own name
 * @returns the exit code: 2 when the command line makes no sense, 1 when something is amiss
 */
export async function runCommand(
  commands: readonly Command[],
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  { out, err }: Streams,
  signal: AbortSignal,
): Promise<number> {
  const command = longestMatch(commands, args);
  if (command === undefined) {
    const asked = args.length === 0 || isHelp(args[0]);
    (asked ? out : err)(asked ? overview(commands) : `There is no command "${args.join(' ')}".\n${overview(commands)}`);
    return asked ? 0 : 2;
  }
  const rest = args.slice(command.name.split(' ').length);
  if (rest.some((arg) => isHelp(arg))) {
    out(`npx clinch ${command.name}: ${command.summary}\n\n${command.help}\n`);
    return 0;
  }
  const config = (): ClinchConfig => ClinchConfig.fromEnvironment(environment);
  const surroundings: Surroundings = { config, say: (line) => out(`${line}\n`), signal };
  try {
    return await command.run(rest, surroundings);
  } catch (error) {
    err(`${explain(error, command)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function longestMatch(commands: readonly Command[], args: readonly string[]): Command | undefined {
  return commands
    .filter(({ name }) => name.split(' ').every((word, index) => args[index] === word))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}

function isHelp(arg: string | undefined): boolean {
  return arg === '--help' || arg === '-h';
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: npx clinch COMMAND [--help]\n\n${lines.join('\n')}\n`;
}

/** What the operator can mend is said in a sentence; anything else is a fault of ours and comes with its stack. */
function explain(error: unknown, command: Command): string {
  if (error instanceof UsageError) return `${error.message}. See: npx clinch ${command.name} --help`;
  if (error instanceof ConfigError) return `The configuration has faults.\n${error.message}`;
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
