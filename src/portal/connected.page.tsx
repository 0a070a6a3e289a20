import type { JSX } from 'preact';
import { AppBadge, PostForm } from '../ui/controls.js';
import { MESSAGES, type ScopeWords } from '../ui/messages.js';
import { OWN_PATHS, OwnPageLayout } from '../ui/own-page-layout.js';
import { ScopeList } from '../ui/scope-list.js';
import type { ConnectedApp } from './connected-apps.js';
import { DonePart, EndButton, Facts, NothingPart } from './entry-parts.js';
import { Ago } from './moment.js';
import type { OwnFormProps } from './own-pages.js';

export interface ConnectedPageProps extends OwnFormProps {
  readonly apps: readonly ConnectedApp[];
  /** For the scopes that have words of their own. */
  readonly words: ReadonlyMap<string, ScopeWords>;
  readonly now: Date;
  readonly zone: string | undefined;
  /** One has just lost what it had. */
  readonly done: boolean;
  /** That one asks before it has it again. */
  readonly asks: boolean;
}

/** What apps may have of somebody, and a way to take it back from each. */
export function ConnectedPage(props: ConnectedPageProps): JSX.Element {
  const { locale, apps, done, asks } = props;
  const words = MESSAGES[locale].portal.connected;
  return (
    <OwnPageLayout {...props} title={words.title} lead={words.lead} part="connected">
      {done && <DonePart>{asks ? words.withdrawn : words.withdrawnNotAsked}</DonePart>}
      {apps.length === 0 ? (
        <NothingPart title={words.none}>{words.noneNote}</NothingPart>
      ) : (
        <ul class="rows">
          {apps.map((app, index) => (
            <Connected {...props} app={app} index={index} key={app.client.id} />
          ))}
        </ul>
      )}
    </OwnPageLayout>
  );
}

function Connected(props: ConnectedPageProps & { readonly app: ConnectedApp; readonly index: number }): JSX.Element {
  const { locale, basePath, csrfToken, index, now, zone } = props;
  const { client, scope, since, lastUsedAt, hasDevices } = props.app;
  const words = MESSAGES[locale].portal.connected;
  const moment = { now, locale, zone };
  const used = lastUsedAt === undefined ? [] : [[words.lastUsed, <Ago at={lastUsedAt} {...moment} />] as const];
  return (
    <li class="entry">
      <h2 aria-label={client.name}>
        <AppBadge app={{ name: client.name, logoUri: client.metadata.logoUri }} />
      </h2>
      <Facts facts={[[words.since, <Ago at={since} {...moment} />], ...used]} />
      <p class="entry-may" id={`may-${index}`}>
        {words.may}
      </p>
      <ScopeList
        scopes={scope}
        locale={locale}
        labelledBy={`may-${index}`}
        describe={(token) => props.words.get(token)}
      />
      {!client.metadata.requireConsent && <p class="entry-note">{words.notAsked}</p>}
      {hasDevices && <p class="entry-note">{words.devicesToo}</p>}
      <PostForm action={basePath + OWN_PATHS.connected} hidden={{ client_id: client.id, csrf_token: csrfToken }}>
        <EndButton what={words.withdrawFrom(client.name)}>{words.withdraw}</EndButton>
      </PostForm>
    </li>
  );
}
