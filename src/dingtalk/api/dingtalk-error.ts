/**
 * - `credentials`: wrong client id or secret, or an app without a published version
 * - `permission`: a permission point is missing; `requiredScopes` names it
 * - `address`: the address that we call from is not on the app's list
 * - `throttled`: too many calls; later
 * - `busy`: DingTalk said so; later
 * - `unavailable`: no answer, an answer that is none, the circuit is open
 * - `bad_code`: a sign-in code that is unknown, used, expired or of the other kind
 * - `not_found`: no such person, department or role
 * - `out_of_range`: outside the range that the app may see
 * - `refused`: anything else
 */
export type DingTalkFault =
  | 'credentials'
  | 'permission'
  | 'address'
  | 'throttled'
  | 'busy'
  | 'unavailable'
  | 'bad_code'
  | 'not_found'
  | 'out_of_range'
  | 'refused';

/** A call to DingTalk that did not succeed. Its message is for operators and never holds a secret, a token or a code. */
export class DingTalkError extends Error {
  override readonly name = 'DingTalkError';

  constructor(
    readonly fault: DingTalkFault,
    /** DingTalk's own code, such as `60011` or `invalidClientIdOrSecret`; empty when there was none. */
    readonly code: string,
    message: string,
    readonly requiredScopes: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get isPassing(): boolean {
    return ['throttled', 'busy', 'unavailable'].includes(this.fault);
  }
}
