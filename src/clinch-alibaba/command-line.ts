import { parseArgs } from 'node:util';
import { CliError } from '../device-sign-in/cli-error.js';
import { type Given, SETTING_NAMES, option } from './settings.js';

export const USAGE = `Usage: clinch-alibaba credentials | login | status | logout [options]

  credentials   prints credentials of a RAM role, as the Alibaba Cloud CLI reads them from an external process
  login         shows an address and a code, and waits until you have opened it
  status        says who is signed in, and which credentials are kept
  logout        gives the sign-in back, and forgets the credentials

  --issuer ADDRESS              your organisation's Clinch
  --client-id ID                what this program is called there
  --oidc-provider-arn ARN       acs:ram::ACCOUNT:oidc-provider/NAME
  --role-arn ARN                acs:ram::ACCOUNT:role/NAME
  --session-name NAME           what the session is called in ActionTrail (your user name)
  --duration SECONDS            how long the credentials live, 900 to 43200 (3600)
  --sts-url ADDRESS             another endpoint of STS (https://sts.aliyuncs.com/)
  --settings FILE               a JSON file with the same names, with underscores; options go before it
                                ($XDG_CONFIG_HOME/clinch-alibaba/settings.json, if there is one)

  --no-login                    never ask for a sign-in; without a terminal nobody is asked anyway
  --renew                       do not take the credentials that are kept
  --qr, --no-qr                 show the address as a QR code too, or not
  --verbose                     say on standard error what is done

For the Alibaba Cloud CLI:

  aliyun configure set --profile clinch --mode External --region cn-hangzhou \\
    --process-command "clinch-alibaba credentials --issuer … --client-id … --oidc-provider-arn … --role-arn …"
`;

export const COMMANDS = ['credentials', 'login', 'status', 'logout'] as const;

export interface Asked {
  readonly command: (typeof COMMANDS)[number];
  readonly given: Given;
  readonly settingsFile: string | undefined;
  readonly login: boolean;
  readonly renew: boolean;
  readonly qr: boolean | undefined;
  readonly verbose: boolean;
}

/** The command line makes no sense. */
export class UsageError extends CliError {}

/**
 * @returns undefined when it asks for help
 * @throws {UsageError}
 */
export function readCommandLine(args: readonly string[]): Asked | undefined {
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  const [command, ...more] = positionals;
  const known = COMMANDS.find((name) => name === command);
  if (known === undefined)
    throw new UsageError(command === undefined ? 'Say what to do.' : `There is no "${command}".`);
  if (more.length > 0) throw new UsageError(`"${more.join(' ')}" is too much.`);
  const given = Object.fromEntries(
    SETTING_NAMES.map((name) => [
      name,
      (values as Record<string, unknown>)[option(name).slice(2)] as string | undefined,
    ]),
  );
  return {
    command: known,
    given,
    settingsFile: values.settings,
    login: !values['no-login'],
    renew: values.renew ?? false,
    qr: values['no-qr'] ? false : values.qr,
    verbose: values.verbose ?? false,
  };
}

const FLAGS = {
  settings: { type: 'string' },
  'no-login': { type: 'boolean' },
  renew: { type: 'boolean' },
  qr: { type: 'boolean' },
  'no-qr': { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parsed(args: readonly string[]) {
  const named = Object.fromEntries(SETTING_NAMES.map((name) => [option(name).slice(2), { type: 'string' }] as const));
  try {
    return parseArgs({ args: [...args], options: { ...named, ...FLAGS }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
