import type { JSX } from 'preact';
import type { DirectoryEventEntity } from '../dingtalk/events/directory-event.entity.js';
import type { EventChannelEntity } from '../dingtalk/events/event-channel.entity.js';
import { ConsoleLayout, type ConsolePageProps } from './console-layout.js';
import { CONSOLE_MESSAGES } from './console-messages.js';
import { ActionButton, Mark, Moment, Table } from './console-parts.js';

export interface EventsPageProps extends ConsolePageProps {
  readonly sourceId: string;
  readonly sourceName: string;
  readonly events: readonly DirectoryEventEntity[];
  readonly nextCursor: string | null;
  readonly channels: readonly EventChannelEntity[];
  readonly mayWrite: boolean;
}

/** What DingTalk told by itself, and what came of it. */
export function EventsPage(props: EventsPageProps): JSX.Element {
  const words = CONSOLE_MESSAGES[props.locale].events;
  const path = `/sources/${props.sourceId}`;
  return (
    <ConsoleLayout {...props} title={`${words.title} · ${props.sourceName}`}>
      <p>
        <a href={props.home + path}>{props.sourceName}</a>
      </p>
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      <EventTable {...props} />
      {props.nextCursor !== null && (
        <p class="row">
          <a href={`${props.home}${path}/events?cursor=${props.nextCursor}`}>{words.more}</a>
          <a href={`${props.home}${path}/events`}>{words.first}</a>
        </p>
      )}
      <section>
        <h2>{words.channels}</h2>
        {props.channels.length === 0 ? (
          <p class="muted">{words.noChannels}</p>
        ) : (
          <Table headings={[words.via, words.node, words.connected, words.last, words.failures]}>
            {props.channels.map((channel) => (
              <tr key={`${channel.kind} ${channel.node}`}>
                <td>{channel.kind}</td>
                <td>
                  <code class="copy">{channel.node}</code>
                </td>
                <td>
                  <Moment at={channel.connectedSince} />
                </td>
                <td>
                  <Moment at={channel.lastSeenAt} />
                </td>
                <td>
                  {channel.failures} <span class="muted">{channel.lastFailure}</span>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </section>
    </ConsoleLayout>
  );
}

/** The events alone, for the page of their source too. */
export function EventTable(
  props: ConsolePageProps & Pick<EventsPageProps, 'sourceId' | 'events' | 'mayWrite'>,
): JSX.Element {
  const words = CONSOLE_MESSAGES[props.locale].events;
  if (props.events.length === 0) return <p class="muted">{words.none}</p>;
  return (
    <Table headings={[words.received, words.type, words.about, words.via, words.state, words.outcome]}>
      {props.events.map((event) => (
        <tr key={event.id}>
          <td>
            <Moment at={event.receivedAt} />
          </td>
          <td>{event.type}</td>
          <td>
            <code class="copy">{event.subject}</code>
          </td>
          <td>{event.via}</td>
          <td>
            <Mark kind={event.state === 'failed' ? 'bad' : event.state === 'done' ? 'good' : undefined}>
              {words.states[event.state]}
            </Mark>
          </td>
          <td>
            {event.error ?? event.outcome}
            {event.state === 'failed' && props.mayWrite && (
              <ActionButton page={props} path={`/sources/${props.sourceId}/events/${event.id}/retry`}>
                {words.retry}
              </ActionButton>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
