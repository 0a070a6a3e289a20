import type { JSX } from 'preact';
import type { RunState } from '../dingtalk/directory/sync-run.js';
import { ConsoleLayout, type ConsolePageProps } from './console-layout.js';
import { CONSOLE_MESSAGES } from './console-messages.js';
import { Mark, Moment, Table } from './console-parts.js';

export interface ListedSource {
  readonly id: string;
  readonly name: string;
  readonly corpId: string;
  readonly enabled: boolean;
  readonly channels: readonly string[];
  readonly lastRun: { readonly id: string; readonly state: RunState; readonly at: Date } | undefined;
}

export interface SourcesPageProps extends ConsolePageProps {
  readonly sources: readonly ListedSource[];
  readonly mayWrite: boolean;
}

/** The organisations that are connected. */
export function SourcesPage(props: SourcesPageProps): JSX.Element {
  const messages = CONSOLE_MESSAGES[props.locale];
  const words = messages.sources;
  return (
    <ConsoleLayout {...props} title={words.title}>
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      {props.mayWrite && (
        <div class="row">
          <a class="button button-primary" href={`${props.home}/sources/new`}>
            {words.connect}
          </a>
        </div>
      )}
      {props.sources.length === 0 ? (
        <p class="panel">{words.none}</p>
      ) : (
        <Table headings={[words.organisation, words.corpId, words.state, words.events, words.lastSync]}>
          {props.sources.map((source) => (
            <tr key={source.id}>
              <td>
                <a href={`${props.home}/sources/${source.id}`}>{source.name}</a>
              </td>
              <td>
                <code class="copy">{source.corpId}</code>
              </td>
              <td>
                <Mark kind={source.enabled ? 'good' : undefined}>{source.enabled ? words.on : words.off}</Mark>
              </td>
              <td>{source.channels.join(', ') || words.never}</td>
              <td>
                {source.lastRun === undefined ? (
                  words.never
                ) : (
                  <a href={`${props.home}/sources/${source.id}/runs/${source.lastRun.id}`}>
                    <Moment at={source.lastRun.at} /> · {messages.run.states[source.lastRun.state]}
                  </a>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </ConsoleLayout>
  );
}
