import { OAuthError } from './oauth-error.js';

/** No request of ours needs more; a hostile one has thousands. */
const MAX_PARAMETERS = 256;

/** A percent sign that starts no octet, which decoders disagree about. */
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f\ufffd]/;

/**
 * The parameters of a request, from a query or a form body.
 *
 * RFC 6749 §3.1 and §3.2: parameters sent without a value are treated as if they were omitted, unrecognized ones are
 * ignored, and none may be included more than once. Brackets mean nothing: `code[x]` is just another name.
 */
export class Parameters {
  private constructor(
    private readonly values: ReadonlyMap<string, string>,
    /** The names that came more than once. */
    readonly repeated: ReadonlySet<string>,
  ) {}

  /**
   * @param encoded `application/x-www-form-urlencoded` text, a query without its question mark or a body
   * @throws {OAuthError} invalid_request when the text is not that, 413 when it has too many parameters
   */
  static parse(encoded: string): Parameters {
    if (BROKEN_ESCAPE.test(encoded)) throw new OAuthError('invalid_request', 'a percent escape is malformed');
    const values = new Map<string, string>();
    const repeated = new Set<string>();
    let count = 0;
    for (const [name, value] of new URLSearchParams(encoded)) {
      if (++count > MAX_PARAMETERS) throw new OAuthError('invalid_request', 'too many parameters', { status: 413 });
      if (values.has(name)) repeated.add(name);
      else values.set(name, value);
    }
    return new Parameters(values, repeated);
  }

  static empty(): Parameters {
    return new Parameters(new Map(), new Set());
  }

  /** The value, or undefined when it was left out or empty. */
  get(name: string): string | undefined {
    const value = this.values.get(name);
    return value === '' ? undefined : value;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Whether it is there, be it without a value: in a form of our own an empty field takes a value away. */
  wasSent(name: string): boolean {
    return this.values.has(name);
  }

  /**
   * RFC 6749 §3.2: request parameters MUST NOT be included more than once. RFC 8707 §2 lets `resource` be, for a token
   * with several audiences; a token of ours has one, and a target that cannot be served has an error of its own.
   */
  refuseRepeats(): this {
    for (const name of this.repeated) {
      if (name === 'resource') throw new OAuthError('invalid_target', 'a token is for one resource');
      throw new OAuthError('invalid_request', `${printable(name)} is repeated`);
    }
    return this;
  }

  /** The first of these names whose value holds a control character or an octet sequence that is not UTF-8. */
  firstUnprintable(names: readonly string[]): string | undefined {
    return names.find((name) => CONTROL_CHARACTER.test(this.values.get(name) ?? ''));
  }

  /** As a plain record of the named parameters that were sent, for a params class. */
  pick(names: readonly string[]): Record<string, string> {
    const picked: Record<string, string> = {};
    for (const name of names) {
      const value = this.get(name);
      if (value !== undefined) picked[name] = value;
    }
    return picked;
  }

  /** The same parameters again, for a redirect to ourselves. */
  toQuery(): string {
    return new URLSearchParams([...this.values]).toString();
  }
}

function printable(name: string): string {
  return name.replace(/[^\w.-]/g, '').slice(0, 40) || 'a parameter';
}
