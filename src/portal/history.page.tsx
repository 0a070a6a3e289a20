import type { JSX } from 'preact';
import { MESSAGES } from '../ui/messages.js';
import { OWN_PATHS, OwnPageLayout, type OwnPageProps } from '../ui/own-page-layout.js';
import { deviceName } from './device-name.js';
import { NothingPart } from './entry-parts.js';
import { When } from './moment.js';
import type { HistoryEntry, HistoryPart } from './own-history.js';
import { placeName } from './place-name.js';

export interface HistoryPageProps extends OwnPageProps, HistoryPart {
  /** How long lines are kept. */
  readonly days: number;
  readonly zone: string | undefined;
  /** Not the first page. */
  readonly isOlder: boolean;
}

/** What happened around somebody's sign-ins, in plain words, the newest first. */
export function HistoryPage(props: HistoryPageProps): JSX.Element {
  const { locale, basePath, entries, next, isOlder } = props;
  const words = MESSAGES[locale].portal.history;
  const address = basePath + OWN_PATHS.history;
  return (
    <OwnPageLayout {...props} title={words.title} lead={words.lead(props.days)} part="history">
      {entries.length === 0 ? (
        <NothingPart title={words.none} />
      ) : (
        <ul class="rows">
          {entries.map((entry) => (
            <Entry {...props} entry={entry} key={entry.id} />
          ))}
        </ul>
      )}
      <p class="own-pager">
        {isOlder && (
          <a class="plain own-more" href={address}>
            {words.newest}
          </a>
        )}
        {next !== undefined && (
          <a class="plain own-more" href={`${address}?before=${encodeURIComponent(next)}`}>
            {words.older}
          </a>
        )}
      </p>
    </OwnPageLayout>
  );
}

function Entry({ locale, zone, entry }: HistoryPageProps & { readonly entry: HistoryEntry }): JSX.Element {
  const words = MESSAGES[locale].portal.history;
  const { kind, app, times, userAgent, endedUserAgent, address, happenedAt } = entry;
  const from = [
    ...(userAgent === '' ? [] : [deviceName(userAgent, locale)]),
    ...(address === '' ? [] : [placeName(address, locale)]),
  ];
  const how = methodWords(entry, locale);
  return (
    <li class="entry">
      <h2>
        {words.kinds[kind](kind === 'ended_other' ? deviceName(endedUserAgent ?? '', locale) : (app ?? words.someApp))}
        {how !== undefined && <span class="entry-how">{how}</span>}
        {kind === 'wrong_password' && times > 1 && <span class="tag">{words.times(times)}</span>}
      </h2>
      <p class="entry-facts">
        <When at={happenedAt} locale={locale} zone={zone} />
        {from.map((part) => ` · ${part}`).join('')}
      </p>
    </li>
  );
}

/** With what somebody signed in. */
function methodWords({ kind, method }: HistoryEntry, locale: HistoryPageProps['locale']): string | undefined {
  const words = MESSAGES[locale].portal.history;
  if (kind !== 'signed_in' || method === undefined) return undefined;
  if (method === 'pwd') return words.withPassword;
  return method.startsWith('dingtalk') ? words.withDingTalk : undefined;
}
