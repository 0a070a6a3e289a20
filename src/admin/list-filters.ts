import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, MaxLength } from 'class-validator';
import { Rule, TimeField } from './fields.js';

/** Query parameters that narrow a list. A repeated one arrives as a list, and fits no rule. */

/** Only those with one of a few values. */
export function ChoiceFilter(choices: readonly string[], description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, required: false, enum: [...choices], description }),
    IsOptional(),
    IsIn([...choices], { message: `must be one of: ${choices.join(', ')}` }),
  );
}

/** Only those with exactly that text. */
export function TextFilter(description: string, longest: number): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, required: false, minLength: 1, maxLength: longest, description }),
    IsOptional(),
    MaxLength(longest, { message: `must be one text of 1 to ${longest} characters` }),
    Rule('text', (value) => (value === '' || String(value).includes('\0') ? 'must be a text' : undefined)),
  );
}

/** Only those from that time on, or before it. */
export function TimeFilter(description: string): PropertyDecorator {
  return TimeField({ description, example: '2027-01-31T08:15:00Z' });
}
