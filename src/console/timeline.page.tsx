import type { JSX } from 'preact';
import type { Timeline, TimelineEntry } from '../audit-reading/audit-event.dto.js';
import { Alert } from '../ui/controls.js';
import { CONSOLE_MESSAGES } from './console-messages.js';
import { ConsoleLayout, type ConsolePageProps } from './console-layout.js';
import { Mark, Moment, TextInput } from './console-parts.js';

export interface TimelinePageProps extends ConsolePageProps {
  /** As it was typed; '' at first. */
  readonly traceId: string;
  readonly timeline?: Timeline;
}

/** A field for the trace id, and the sign-in that it belongs to, in plain words. */
export function TimelinePage(props: TimelinePageProps): JSX.Element {
  const words = CONSOLE_MESSAGES[props.locale].timeline;
  const { timeline, traceId } = props;
  return (
    <ConsoleLayout {...props} title={words.title}>
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      <form method="get" action={`${props.home}/timeline`} class="form" role="search">
        <TextInput name="trace_id" label={words.traceId} hint={words.hint} value={traceId} />
        <div class="row">
          <button class="button button-primary" type="submit">
            {words.find}
          </button>
        </div>
      </form>
      {traceId !== '' && timeline === undefined && <Alert>{words.none}</Alert>}
      {timeline !== undefined && <Told {...props} timeline={timeline} />}
    </ConsoleLayout>
  );
}

function Told(props: ConsolePageProps & { readonly timeline: Timeline }): JSX.Element {
  const words = CONSOLE_MESSAGES[props.locale].timeline;
  const { timeline } = props;
  const kind = timeline.state === 'failed' ? 'bad' : timeline.state === 'signed_in' ? 'good' : undefined;
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">
        {timeline.summary} <Mark kind={kind}>{words.states[timeline.state]}</Mark>
      </h2>
      {timeline.why !== null && (
        <div class="panel">
          <dl>
            <div>
              <dt>{words.why}</dt>
              <dd>{timeline.why}</dd>
            </div>
            <div>
              <dt>{words.advice}</dt>
              <dd>{timeline.advice}</dd>
            </div>
          </dl>
        </div>
      )}
      <ol class="timeline">
        {timeline.entries.map((entry) => (
          <Entry key={entry.id} entry={entry} asked={entry.trace_id === timeline.trace_id} words={words} />
        ))}
      </ol>
    </section>
  );
}

function Entry(props: {
  readonly entry: TimelineEntry;
  /** Whether it is of the request that was asked for. */
  readonly asked: boolean;
  readonly words: { readonly thisOne: string };
}): JSX.Element {
  const { entry, asked, words } = props;
  return (
    <li class={entry.outcome === 'failure' ? 'timeline-bad' : undefined}>
      <p class="muted">
        <Moment at={entry.at} /> {asked && <Mark>{words.thisOne}</Mark>}
      </p>
      <p>{entry.what}</p>
      {entry.why !== null && <p class="muted">{entry.why}</p>}
    </li>
  );
}
