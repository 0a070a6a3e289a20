import type { JSX } from 'preact';
import { ConsoleLayout, type ConsolePageProps } from './console-layout.js';
import { CONSOLE_MESSAGES } from './console-messages.js';
import { Mark, Table } from './console-parts.js';

export interface ListedApp {
  readonly clientId: string;
  readonly name: string;
  readonly enabled: boolean;
  /** The id of its template, and what that calls itself. */
  readonly template: { readonly id: string; readonly name: string };
}

export interface AppsPageProps extends ConsolePageProps {
  readonly apps: readonly ListedApp[];
}

/** The apps that were registered by a template. */
export function AppsPage(props: AppsPageProps): JSX.Element {
  const messages = CONSOLE_MESSAGES[props.locale];
  const words = messages.apps;
  return (
    <ConsoleLayout {...props} title={words.title}>
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      {props.apps.length === 0 ? (
        <p class="panel">{words.none}</p>
      ) : (
        <Table headings={[words.app, words.clientId, words.template, words.state]}>
          {props.apps.map(({ clientId, name, enabled, template }) => (
            <tr key={clientId}>
              <td>
                <a href={`${props.home}/apps/${encodeURIComponent(clientId)}`}>{name}</a>
              </td>
              <td>
                <code class="copy">{clientId}</code>
              </td>
              <td>{words.templates[template.id] ?? template.name}</td>
              <td>
                <Mark kind={enabled ? 'good' : undefined}>{enabled ? messages.sources.on : messages.sources.off}</Mark>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </ConsoleLayout>
  );
}
