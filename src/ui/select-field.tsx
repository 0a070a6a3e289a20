import type { JSX } from 'preact';

export interface SelectFieldProps {
  readonly name: string;
  readonly label: string;
  /** The first one is chosen until another is. */
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

/** One choice among a few, with its label above: the browser's own control, which works everywhere. */
export function SelectField({ name, label, options }: SelectFieldProps): JSX.Element {
  const id = `field-${name}`;
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <select class="field-input" id={id} name={name}>
        {options.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
