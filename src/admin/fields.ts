import { applyDecorators, type Type as Class } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  registerDecorator,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/**
 * One decorator for each kind of field: its rules and its place in the OpenAPI document at once, so that the two
 * cannot drift. Whether a field must be there is for the rules about the whole object; here it may be missing.
 */

/** What every field says of itself. */
export interface FieldWords {
  readonly description: string;
  readonly example?: unknown;
  /** What it is when it is left out. null: it may be null, which means that it has no value. */
  readonly fallback?: unknown;
}

/**
 * The default goes into the words and not into the schema: a change shares the schema with a new object, and generated
 * clients would send every default with it.
 */
export function described(
  { description, example, fallback }: FieldWords,
  schema: ApiPropertyOptions,
): PropertyDecorator {
  const described = {
    description:
      fallback === undefined || fallback === null
        ? description
        : `${description} Default: \`${JSON.stringify(fallback)}\`.`,
    required: false,
    ...(fallback === null ? { nullable: true } : {}),
    ...(example === undefined ? {} : { example }),
  };
  const presence = fallback === null ? IsOptional() : ValidateIf((_, value: unknown) => value !== undefined);
  return applyDecorators(ApiProperty({ ...schema, ...described } as ApiPropertyOptions), presence);
}

/** A rule of our own; `problem` says what is wrong with a value, or nothing. */
export function Rule(name: string, problem: (value: unknown) => string | undefined): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => problem(value) === undefined,
        defaultMessage: (failed) => problem(failed?.value) ?? '',
      },
    });
}

/** Control characters, and those that turn the reading direction: what a page shows must be what was meant. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const UNSEEN_BUT_LINES = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Text that people read. */
export function TextField(
  options: FieldWords & { readonly longest: number; readonly multiline?: boolean; readonly shortest?: number },
): PropertyDecorator {
  const { longest, shortest = 0, multiline = false } = options;
  const unseen = multiline ? UNSEEN_BUT_LINES : UNSEEN;
  return applyDecorators(
    described(options, {
      type: String,
      maxLength: longest,
      ...(shortest > 0 ? { minLength: shortest } : {}),
    }),
    IsString(),
    MaxLength(longest, { message: `may have at most ${longest} characters` }),
    Rule('seen', (value) => {
      if (typeof value !== 'string') return undefined;
      if (value.length < shortest) return shortest === 1 ? 'may not be empty' : `needs ${shortest} characters`;
      return unseen.test(value) ? 'may not hold control characters' : undefined;
    }),
  );
}

/** Text of a given form, such as an address or a date. */
export function FormField(
  options: FieldWords & { readonly longest: number; readonly format?: string },
  problem: (text: string) => string | undefined,
): PropertyDecorator {
  const { longest, format } = options;
  const schema = { type: String, maxLength: longest, ...(format === undefined ? {} : { format }) };
  return applyDecorators(
    described(options, schema),
    IsString(),
    MaxLength(longest, { message: `may have at most ${longest} characters` }),
    Rule('form', (value) => (typeof value === 'string' ? problem(value) : undefined)),
  );
}

/** Real booleans only: the text "false" is true to many a program. */
export function SwitchField(options: FieldWords): PropertyDecorator {
  return applyDecorators(
    described(options, { type: Boolean }),
    IsBoolean({ message: 'must be true or false, without quotes' }),
  );
}

export function ChoiceField(
  choices: readonly string[],
  options: FieldWords & { readonly writeOnly?: boolean },
): PropertyDecorator {
  const { writeOnly = false } = options;
  return applyDecorators(
    described(options, { type: String, enum: [...choices], ...(writeOnly ? { writeOnly } : {}) }),
    IsIn([...choices], { message: `must be one of: ${choices.join(', ')}` }),
  );
}

/** Whole seconds. */
export function SecondsField(options: FieldWords & { readonly from: number; readonly to: number }): PropertyDecorator {
  return WholeNumberField({ ...options, unit: 'seconds' });
}

/** A whole number of something. */
export function WholeNumberField(
  options: FieldWords & { readonly unit: string; readonly from: number; readonly to: number },
): PropertyDecorator {
  const { unit, from, to } = options;
  const message = `must be a whole number of ${unit} from ${from} to ${to}`;
  return applyDecorators(
    described(options, { type: 'integer', minimum: from, maximum: to }),
    IsInt({ message }),
    Min(from, { message }),
    Max(to, { message }),
  );
}

/** A list of different texts. */
export function TextListField(
  options: FieldWords & { readonly most: number; readonly longest: number; readonly choices?: readonly string[] },
  problem: (text: string) => string | undefined = () => undefined,
): PropertyDecorator {
  const { most, longest, choices } = options;
  const items = { type: 'string', maxLength: longest, ...(choices === undefined ? {} : { enum: [...choices] }) };
  const problemOfItem = (item: unknown): string | undefined => {
    if (typeof item !== 'string') return 'must hold texts only';
    if (item === '' || item.length > longest) return `may hold texts of 1 to ${longest} characters`;
    if (choices !== undefined && !choices.includes(item)) return `may hold only: ${choices.join(', ')}`;
    return problem(item);
  };
  return applyDecorators(
    described(options, { type: 'array', maxItems: most, items }),
    IsArray({ message: 'must be a list' }),
    ArrayMaxSize(most, { message: `may hold at most ${most} entries` }),
    ArrayUnique({ message: 'may hold each entry once' }),
    Rule('items', (value) =>
      Array.isArray(value) ? value.map((item) => problemOfItem(item)).find((found) => found !== undefined) : undefined,
    ),
  );
}

/** An object whose members are free, as far as the rule goes. */
export function ObjectField(
  options: FieldWords & { readonly schema?: ApiPropertyOptions },
  problem: (value: object) => string | undefined,
): PropertyDecorator {
  const schema: ApiPropertyOptions = options.schema ?? { type: 'object', additionalProperties: true };
  return applyDecorators(
    described(options, schema),
    Rule('object', (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object';
      return problem(value);
    }),
  );
}

/** An object of a class that has fields of its own. */
export function NestedField(type: Class, options: FieldWords): PropertyDecorator {
  return applyDecorators(
    described(options, { type: () => type }),
    Rule('object', (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'must be an object',
    ),
    ValidateNested(),
    Type(() => type),
  );
}

/** A time of RFC 3339 §5.6, the form that times of the admin API have. */
export function TimeField(
  options: FieldWords,
  problem: (time: Date) => string | undefined = () => undefined,
): PropertyDecorator {
  return FormField({ ...options, longest: 40, format: 'date-time' }, (text) => {
    const time = new Date(text);
    if (!DATE_TIME.test(text) || Number.isNaN(time.getTime())) return 'must be a time such as 2027-01-31T08:15:00Z';
    return problem(time);
  });
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** A list of objects of a class that has fields of its own. */
export function ObjectListField(type: Class, options: FieldWords & { readonly most: number }): PropertyDecorator {
  const { most } = options;
  return applyDecorators(
    described(options, { type: () => type, isArray: true, maxItems: most }),
    IsArray({ message: 'must be a list' }),
    ArrayMaxSize(most, { message: `may hold at most ${most} entries` }),
    // A list in a list would be looked into as if it were the list itself.
    Rule('objects', (value) =>
      Array.isArray(value) && !value.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
        ? 'must hold objects only'
        : undefined,
    ),
    ValidateNested({ each: true, message: 'must hold objects only' }),
    Type(() => type),
  );
}

/**
 * A name that callers may expect to be a field and that is none: the refusal says why. Stands below @ApiHideProperty,
 * which Swagger's compiler plugin must see with its own eyes.
 */
export function RefusedField(problem: string): PropertyDecorator {
  return applyDecorators(
    ValidateIf((_, value: unknown) => value !== undefined),
    Rule('refused', () => problem),
  );
}

/** A field of an answer that requests do not have. */
export function AnswerField(schema: ApiPropertyOptions): PropertyDecorator {
  return ApiProperty({ ...schema, readOnly: true });
}

/** A text that is only ever written; what makes a good one is for the rules about the whole object. */
export function SecretField(
  options: FieldWords & { readonly shortest: number; readonly longest: number },
): PropertyDecorator {
  const { shortest, longest } = options;
  const schema = { type: String, format: 'password', writeOnly: true, minLength: shortest, maxLength: longest };
  const message = `must be a text of ${shortest} to ${longest} characters`;
  return applyDecorators(
    described(options, schema),
    Rule('secret', (value) => {
      if (typeof value !== 'string') return message;
      // Counted as a person counts: one for each character, whatever it takes to store it.
      const { length } = Array.from(value);
      return length < shortest || length > longest ? message : undefined;
    }),
  );
}
