import { DingTalkError, type DingTalkFault } from '../api/dingtalk-error.js';

const WHAT_TO_DO: Partial<Record<DingTalkFault, string>> = {
  credentials:
    'DingTalk does not accept the client id and secret of this source. Compare them with the app in the developer ' +
    'console, and see that a version of the app is published.',
  permission: 'The app lacks a permission. Grant it in the developer console and publish a version.',
  address: "The address that Clinch calls from is not on the app's list of server addresses in the developer console.",
  throttled: 'DingTalk takes no more calls at present.',
  busy: 'DingTalk is busy.',
  unavailable: 'DingTalk does not answer.',
};

/** A failure in words that an administrator can act on. */
export function wordsFor(error: DingTalkError): string {
  const advice = WHAT_TO_DO[error.fault];
  const scopes = error.requiredScopes.length === 0 ? '' : ` It is: ${error.requiredScopes.join(', ')}.`;
  return advice === undefined ? error.message : `${advice}${scopes} (${error.message})`;
}
