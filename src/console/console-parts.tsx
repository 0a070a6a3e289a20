import type { ComponentChildren, JSX } from 'preact';
import type { ConsolePageProps } from './console-layout.js';

/** A word about the state of something, coloured by whether it needs anybody. */
export function Mark(props: {
  readonly kind?: 'good' | 'bad' | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  return <span class={props.kind === undefined ? 'mark' : `mark mark-${props.kind}`}>{props.children}</span>;
}

/** A table with its headings, which scrolls by itself where the page is narrow. */
export function Table(props: {
  readonly headings: readonly string[];
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="table-wrap" tabindex={0}>
      <table>
        <thead>
          <tr>
            {props.headings.map((heading) => (
              <th scope="col" key={heading}>
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}

/** A button that does one thing, with all that its form needs. */
export function ActionButton(props: {
  readonly page: ConsolePageProps;
  /** Below `/admin`. */
  readonly path: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly kind?: 'primary' | 'secondary';
  readonly children: ComponentChildren;
}): JSX.Element {
  const hidden = { ...props.hidden, csrf_token: props.page.csrfToken };
  return (
    <form method="post" action={props.page.home + props.path}>
      {Object.entries(hidden).map(([name, value]) => (
        <input type="hidden" name={name} value={value} key={name} />
      ))}
      <button class={`button button-${props.kind ?? 'secondary'}`} type="submit">
        {props.children}
      </button>
    </form>
  );
}

/** A moment, to the second. */
export function Moment(props: { readonly at: string | Date | null | undefined }): JSX.Element | null {
  if (props.at === null || props.at === undefined) return null;
  const time = new Date(props.at).toISOString();
  return <time datetime={time}>{`${time.slice(0, 10)} ${time.slice(11, 19)} UTC`}</time>;
}

/** A text field that may be left empty. */
export function TextInput(props: {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly type?: 'text' | 'password';
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
}): JSX.Element {
  const id = `field-${props.name}`;
  const note = props.error ?? props.hint;
  const input = {
    class: 'field-input',
    id,
    name: props.name,
    value: props.value,
    autocomplete: props.type === 'password' ? 'new-password' : 'off',
    spellcheck: false,
    'aria-invalid': props.error === undefined ? undefined : 'true',
    'aria-describedby': note === undefined ? undefined : `${id}-note`,
  } as const;
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {props.label}
      </label>
      {props.type === 'password' ? <input type="password" {...input} /> : <input type="text" {...input} />}
      {note !== undefined && (
        <p class={props.error === undefined ? 'muted' : 'field-error'} id={`${id}-note`}>
          {note}
        </p>
      )}
    </div>
  );
}

/** A box to tick. */
export function Switch(props: { readonly name: string; readonly label: string; readonly on: boolean }): JSX.Element {
  return (
    <label class="switch">
      <input type="checkbox" name={props.name} value="true" checked={props.on} />
      <span>{props.label}</span>
    </label>
  );
}
