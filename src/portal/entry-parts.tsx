/** What the lists of a person's own pages are made of. */
import type { ComponentChildren, JSX } from 'preact';
import { Button } from '../ui/controls.js';

/** Said after something was done. */
export function DonePart(props: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <p class="done" role="status">
      {props.children}
    </p>
  );
}

/** In the place of an empty list. */
export function NothingPart(props: { readonly title: string; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="nothing">
      <p>{props.title}</p>
      {props.children !== undefined && <p>{props.children}</p>}
    </div>
  );
}

/** Names and values, one pair to a line. */
export function Facts(props: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}): JSX.Element {
  return (
    <dl class="entry-facts">
      {props.facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The button of one row. @param props.what told to those who do not see which row it stands in */
export function EndButton(props: { readonly what: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <Button kind="secondary">
      <span>
        {props.children}
        <span class="visually-hidden">{props.what}</span>
      </span>
    </Button>
  );
}
