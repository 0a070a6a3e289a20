import type { JSX } from 'preact';
import { FieldError } from './controls.js';

export interface SelectFieldProps {
  readonly name: string;
  readonly label: string;
  /** The one that is chosen; the first one where none is named. */
  readonly value?: string;
  /** Said below the field and tied to it. */
  readonly error?: string | undefined;
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

/** One choice among a few, with its label above: the browser's own control, which works everywhere. */
export function SelectField({ name, label, value: chosen, error, options }: SelectFieldProps): JSX.Element {
  const id = `field-${name}`;
  const errorId = `${id}-error`;
  const fault = error === undefined ? {} : ({ 'aria-invalid': 'true', 'aria-describedby': errorId } as const);
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <select class="field-input" id={id} name={name} {...fault}>
        {options.map(({ value, text }) => (
          <option key={value} value={value} selected={value === chosen}>
            {text}
          </option>
        ))}
      </select>
      <FieldError id={errorId} error={error} />
    </div>
  );
}
