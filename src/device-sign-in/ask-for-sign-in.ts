import type { Provider, Tokens } from './provider.js';
import type { Screen } from './screen.js';
import { waitForTokens } from './wait-for-tokens.js';

/**
 * Shows where to go and with which code, and waits for the answer (RFC 8628 §3.3).
 *
 * @param showQr whether the address is shown as a picture too
 * @throws {CliError} when the person refuses, or does not answer in time
 */
export async function askForSignIn(
  provider: Provider,
  screen: Screen,
  scope: string,
  showQr: boolean,
): Promise<Tokens> {
  const codes = await provider.requestCodes(scope);
  const complete = codes.verificationUriComplete;
  screen.say();
  screen.say('Open this address in a browser, on this or any other device, and enter the code:');
  screen.say();
  screen.table([
    ['Address', codes.verificationUri, 'strong'],
    ['Code', codes.userCode, 'strong'],
    ['Both in one', complete],
  ]);
  screen.say();
  if (showQr) {
    screen.qrCode(complete ?? codes.verificationUri);
    screen.say();
  }
  const minutes = Math.round(codes.expiresIn / 60);
  screen.say(screen.quiet(`Waiting for your answer, for ${minutes} minutes at most. Ctrl-C gives up.`));
  return waitForTokens(() => provider.fetchTokens(codes), codes);
}
