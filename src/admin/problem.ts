/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** The wire name, with dots into nested objects: `address.country`. */
  readonly field: string;
  /** Completes the sentence "FIELD …". */
  readonly problem: string;
}

/** The kinds of problem that the admin API knows: what programs tell apart. */
export type ProblemKind =
  | 'invalid-field'
  | 'malformed-request'
  | 'not-found'
  | 'conflict'
  | 'precondition-failed'
  | 'body-too-large'
  | 'unsupported-media-type'
  | 'key-reused'
  | 'too-many-requests';

const KINDS: Readonly<Record<ProblemKind, { readonly status: number; readonly title: string }>> = {
  'invalid-field': { status: 400, title: 'A field is not acceptable' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'not-found': { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'It conflicts with what is there' },
  'precondition-failed': { status: 412, title: 'It was changed in between' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body has another media type' },
  'key-reused': { status: 422, title: 'The key belongs to another request' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
};

export interface ProblemOptions {
  readonly errors?: readonly FieldProblem[];
  /** An error code of a specification, such as RFC 7591 §3.2.2's `invalid_redirect_uri`. */
  readonly error?: string | undefined;
  /** What went wrong underneath; for the log, never the wire. */
  readonly cause?: unknown;
  /** Seconds after which another try may be worth it. */
  readonly retryAfter?: number;
}

/** A request to the admin API that cannot be done, in the caller's terms. Everything in it but the cause is sent. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldProblem[] | undefined;
  readonly error: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(
    readonly kind: ProblemKind,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(detail, { cause: options.cause });
    ({ status: this.status, title: this.title } = KINDS[kind]);
    this.errors = options.errors;
    this.error = options.error;
    this.retryAfter = options.retryAfter;
  }

  /** Fields that break a rule, all at once, so that nobody has to mend them one request at a time. */
  static ofFields(errors: readonly FieldProblem[], error?: string): Problem {
    const detail = errors.map(({ field, problem }) => `${field} ${problem}`).join('; ');
    return new Problem('invalid-field', detail, { errors, error });
  }

  static notFound(what: string): Problem {
    return new Problem('not-found', `There is no ${what} of that id.`);
  }
}
