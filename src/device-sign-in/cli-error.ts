/** Something the person at the terminal can understand, and mostly put right; its message is all that is shown. */
export class CliError extends Error {}
