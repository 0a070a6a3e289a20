/** What stands for a character that is not shown. No address and no number has it, so what is masked can be told. */
const HIDDEN = '•';

/** However long it is: the length alone can tell whose address it is. */
const HIDDEN_PART = HIDDEN.repeat(3);

/** Digits of a number that are shown, and that are hidden at least. */
const SHOWN_DIGITS = 4;
const HIDDEN_DIGITS = 4;

/** ITU-T E.164: country codes of one and of two digits; all others have three. */
const SHORT_CODES = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** Whether a text is what came of masking: it must not be taken for the value. */
export function isMasked(text: string): boolean {
  return text.includes(HIDDEN);
}

/** `a•••@example.com`: enough to recognise what one knows. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  if (at < 0) return HIDDEN_PART;
  const [first = '', ...others] = Array.from(email.slice(0, at));
  return `${others.length === 0 ? '' : first}${HIDDEN_PART}${email.slice(at)}`;
}

/** `+86•••••••1234`: the country and the last digits; of a short number fewer of them. */
export function maskPhoneNumber(phoneNumber: string): string {
  const digits = phoneNumber.startsWith('+') ? phoneNumber.slice(1) : phoneNumber;
  const code = phoneNumber.startsWith('+') ? (SHORT_CODES.exec(digits)?.[0] ?? digits.slice(0, 3)) : '';
  const rest = Array.from(digits.slice(code.length));
  const shown = Math.min(SHOWN_DIGITS, Math.max(0, rest.length - HIDDEN_DIGITS));
  const hidden = HIDDEN.repeat(rest.length - shown);
  return `${code === '' ? '' : `+${code}`}${hidden}${rest.slice(rest.length - shown).join('')}`;
}
