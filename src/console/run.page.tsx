import type { JSX } from 'preact';
import type { FieldChange, DifferenceKind } from '../dingtalk/directory/findings.js';
import type { SyncRun } from '../dingtalk/directory/sync-run.js';
import { Alert, Caution } from '../ui/controls.js';
import { ConsoleLayout, type ConsolePageProps } from './console-layout.js';
import { CONSOLE_MESSAGES, type ConsoleMessages } from './console-messages.js';
import { ActionButton, Mark, Moment, Table } from './console-parts.js';

export interface ShownDifference {
  readonly kind: DifferenceKind;
  readonly key: string;
  readonly name: string;
  readonly changes: readonly FieldChange[];
}

export interface RunPageProps extends ConsolePageProps {
  readonly sourceName: string;
  readonly run: SyncRun;
  readonly differences: readonly ShownDifference[];
  /** For the next page of differences. */
  readonly nextCursor: string | null;
  readonly errors: readonly { readonly kind: string; readonly key: string; readonly message: string }[];
  readonly mayWrite: boolean;
}

const MOVING = new Set(['queued', 'fetching', 'comparing', 'applying', 'details']);

/** Seconds between two looks at a run that moves. */
const REFRESH = 2;

/** One sync: how far it is, what it found, what it could not do, and what can be done with it. */
export function RunPage(props: RunPageProps): JSX.Element {
  const words = CONSOLE_MESSAGES[props.locale].run;
  const { run } = props;
  const back = `${props.home}/sources/${run.sourceId}`;
  return (
    <ConsoleLayout
      {...props}
      title={`${words.title} · ${props.sourceName}`}
      refresh={MOVING.has(run.state) ? REFRESH : undefined}
    >
      <p>
        <a href={back}>{props.sourceName}</a>
      </p>
      <h1>
        {words.title} <StateMark run={run} words={words} />
      </h1>
      <p class="lead">
        {words.kinds[run.kind]} · <Moment at={run.createdAt} /> · {words.by} {run.requestedBy}
      </p>
      {run.error !== null &&
        (run.state === 'failed' ? <Alert>{run.error}</Alert> : <Caution id="run-note">{run.error}</Caution>)}
      {props.mayWrite && <Actions {...props} words={words} />}
      <Progress run={run} words={words} />
      <section>
        <h2>{words.differences}</h2>
        {props.differences.length === 0 ? (
          <p class="muted">{words.noDifferences}</p>
        ) : (
          <Differences {...props} words={words} />
        )}
        {props.nextCursor !== null && (
          <p class="row">
            <a href={`${back}/runs/${run.id}?cursor=${props.nextCursor}`}>{words.more}</a>
            <a href={`${back}/runs/${run.id}`}>{words.first}</a>
          </p>
        )}
      </section>
      <section>
        <h2>{words.errors}</h2>
        {props.errors.length === 0 ? (
          <p class="muted">{words.nothing}</p>
        ) : (
          <Table headings={[words.what, words.key, words.problems]}>
            {props.errors.map((error) => (
              <tr key={`${error.kind} ${error.key}`}>
                <td>{error.kind}</td>
                <td>
                  <code class="copy">{error.key}</code>
                </td>
                <td>{error.message}</td>
              </tr>
            ))}
          </Table>
        )}
      </section>
    </ConsoleLayout>
  );
}

type Words = ConsoleMessages['run'];

export function StateMark({ run, words }: { readonly run: SyncRun; readonly words: Words }): JSX.Element {
  const bad = run.state === 'failed' || run.state === 'waiting_for_approval';
  return <Mark kind={bad ? 'bad' : run.state === 'done' ? 'good' : undefined}>{words.states[run.state]}</Mark>;
}

function Actions(props: RunPageProps & { readonly words: Words }): JSX.Element {
  const { run, words } = props;
  const path = `/sources/${run.sourceId}/runs/${run.id}`;
  const over = ['done', 'failed', 'cancelled'].includes(run.state);
  return (
    <div class="row">
      {run.kind === 'dry' && run.state === 'done' && (
        <ActionButton page={props} path={`${path}/apply`} kind="primary">
          {words.apply}
        </ActionButton>
      )}
      {run.state === 'waiting_for_approval' && (
        <ActionButton page={props} path={`${path}/approve`} kind="primary">
          {words.approve(run.progress.people_gone)}
        </ActionButton>
      )}
      {!over && (
        <ActionButton page={props} path={`${path}/cancel`}>
          {words.cancel}
        </ActionButton>
      )}
    </div>
  );
}

function Progress({ run: { progress }, words }: { readonly run: SyncRun; readonly words: Words }): JSX.Element {
  const facts: readonly (readonly [string, string])[] = [
    [words.departments, `${progress.departments_read} / ${progress.departments_known}`],
    [words.people, String(progress.people_read)],
    [words.gone, `${progress.people_gone} / ${progress.people_present}`],
    [words.applied, String(progress.people_applied)],
    [words.disabled, String(progress.people_disabled)],
    [words.problems, String(progress.errors)],
  ];
  return (
    <div class="panel">
      <dl>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Differences(props: RunPageProps & { readonly words: Words }): JSX.Element {
  return (
    <Table headings={[props.words.what, props.words.name, props.words.changes]}>
      {props.differences.map(({ kind, key, name, changes }) => (
        <tr key={`${kind} ${key}`}>
          <td>{props.words.differenceKinds[kind]}</td>
          <td>
            {name} <span class="muted">{key}</span>
          </td>
          <td>
            {changes.map(({ field, before, after }) => (
              <div key={field}>
                <span class="muted">{field}</span> {before ?? '–'} → {after ?? '–'}
              </div>
            ))}
          </td>
        </tr>
      ))}
    </Table>
  );
}
