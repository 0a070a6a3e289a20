/** The start cannot go on, for a reason that the operator can mend. The message is all that they need. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
