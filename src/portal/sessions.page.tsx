import type { JSX } from 'preact';
import type { OwnSession } from '../session/session-list.js';
import { Button, ButtonLink, PostForm } from '../ui/controls.js';
import { MESSAGES } from '../ui/messages.js';
import { OWN_PATHS, OwnPageLayout } from '../ui/own-page-layout.js';
import { deviceName } from './device-name.js';
import { DonePart, EndButton, Facts } from './entry-parts.js';
import { Ago } from './moment.js';
import type { OwnFormProps } from './own-pages.js';
import { placeName } from './place-name.js';

export interface SessionsPageProps extends OwnFormProps {
  readonly sessions: readonly OwnSession[];
  /** Of the session that the page is looked at in. */
  readonly chainId: string;
  readonly now: Date;
  readonly zone: string | undefined;
  /** One was just ended, or all others. */
  readonly done: boolean;
}

/** Where somebody is signed in, and a way to end that. */
export function SessionsPage(props: SessionsPageProps): JSX.Element {
  const { locale, sessions, chainId, done } = props;
  const words = MESSAGES[locale].portal.sessions;
  const here = sessions.filter((session) => session.chainId === chainId);
  const others = sessions.filter((session) => session.chainId !== chainId);
  return (
    <OwnPageLayout {...props} title={words.title} lead={words.lead} part="sessions">
      {done && <DonePart>{words.ended}</DonePart>}
      <ul class="rows">
        {[...here, ...others].map((session) => (
          <Session {...props} session={session} key={session.id} />
        ))}
      </ul>
      {others.length === 0 ? <p class="own-note">{words.onlyThis}</p> : <EndOthers {...props} />}
      <NotEnded {...props} />
    </OwnPageLayout>
  );
}

function Session(props: SessionsPageProps & { readonly session: OwnSession }): JSX.Element {
  const { locale, basePath, csrfToken, session, chainId, now, zone } = props;
  const { sessions: words, frame } = MESSAGES[locale].portal;
  const device = deviceName(session.userAgent, locale);
  const moment = { now, locale, zone };
  const isHere = session.chainId === chainId;
  return (
    <li class="entry entry-split">
      <div>
        <h2>
          {device}
          {isHere && <span class="tag">{words.thisOne}</span>}
          {session.isOver && <span class="tag">{words.over}</span>}
        </h2>
        {session.isOver && <p class="entry-note">{words.overNote}</p>}
        <Facts
          facts={[
            [words.place, placeName(session.address, locale)],
            [words.since, <Ago at={session.authTime} {...moment} />],
            [words.lastUsed, <Ago at={isHere ? now : session.lastUsedAt} {...moment} />],
          ]}
        />
      </div>
      {isHere ? (
        <div class="form">
          <ButtonLink kind="secondary" href={`${basePath}/oidc/logout`}>
            {frame.signOut}
          </ButtonLink>
        </div>
      ) : (
        <PostForm action={basePath + OWN_PATHS.sessions} hidden={{ session: session.id, csrf_token: csrfToken }}>
          <EndButton what={words.endOf(device)}>{words.end}</EndButton>
        </PostForm>
      )}
    </li>
  );
}

function EndOthers({ locale, basePath, csrfToken }: SessionsPageProps): JSX.Element {
  const words = MESSAGES[locale].portal.sessions;
  return (
    <PostForm action={basePath + OWN_PATHS.sessions} hidden={{ csrf_token: csrfToken }}>
      <p class="own-note">{words.endOthersNote}</p>
      <div class="actions">
        <Button kind="secondary" name="session" value="others">
          {words.endOthers}
        </Button>
      </div>
    </PostForm>
  );
}

/** What goes on without any session, and where it is ended. */
function NotEnded({ locale, basePath }: SessionsPageProps): JSX.Element {
  const { sessions: words, frame } = MESSAGES[locale].portal;
  return (
    <div class="own-note">
      <p>{words.notEnded}</p>
      <p class="own-pager">
        <a class="plain own-more" href={basePath + OWN_PATHS.connected}>
          {frame.connected}
        </a>
        <a class="plain own-more" href={basePath + OWN_PATHS.devices}>
          {frame.devices}
        </a>
      </p>
    </div>
  );
}
