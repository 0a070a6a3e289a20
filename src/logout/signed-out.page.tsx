import type { JSX } from 'preact';
import { AccountBadge, ButtonLink, type AccountIdentity } from '../ui/controls.js';
import { Layout, type PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import type { LogoutFrame } from './front-channel.js';

export interface SignedOutPageProps extends PageProps {
  /** Who was signed out just now; absent where nobody was signed in. */
  readonly account?: AccountIdentity | undefined;
  /** Who is still signed in with this browser. */
  readonly staying: readonly AccountIdentity[];
  /** The names of the apps that are told. */
  readonly apps: readonly string[];
  /** In which apps sign the person out, unseen. */
  readonly frames: readonly LogoutFrame[];
  /** The app's own address, proven, where the browser goes on to. */
  readonly returnTo?: string | undefined;
  readonly homeHref: string;
  /** Where one of them signs out too. */
  readonly signOutHref: string;
  /** Goes on to `returnTo`. */
  readonly scriptHref: string;
}

/** Says that it is done; signs nobody in again by itself. With frames it is also where the apps are told. */
export function SignedOutPage(props: SignedOutPageProps): JSX.Element {
  const { account, staying, apps, returnTo, locale } = props;
  const words = MESSAGES[locale].logout;
  return (
    <Layout {...props} title={words.doneHeading}>
      <h1>{words.doneHeading}</h1>
      <p class="lead">{account === undefined ? words.doneNothing : words.doneBody(account.displayName)}</p>
      {apps.length > 0 && (
        <section class="next" aria-labelledby="told">
          <h2 id="told">{words.toldHeading}</h2>
          <ul class="told-apps">
            {apps.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        </section>
      )}
      {staying.length > 0 && (
        <section class="next" aria-labelledby="staying">
          <h2 id="staying">{words.stayingHeading}</h2>
          {staying.map((person) => (
            <AccountBadge key={person.username} account={person} locale={locale} />
          ))}
          <div class="actions">
            <ButtonLink kind="secondary" href={props.signOutHref}>
              {words.signOutToo}
            </ButtonLink>
          </div>
        </section>
      )}
      <div class="actions">
        {returnTo === undefined ? (
          <ButtonLink href={props.homeHref}>{words.again}</ButtonLink>
        ) : (
          <ButtonLink href={returnTo} id="go-on">
            {words.proceed}
          </ButtonLink>
        )}
      </div>
      {props.frames.map(({ name, address }) => (
        <iframe
          key={address}
          src={address}
          title={name}
          hidden
          // Its own cookies and scripts, but it may not lead our page away.
          sandbox="allow-scripts allow-same-origin allow-forms"
          referrerpolicy="no-referrer"
        />
      ))}
      {returnTo !== undefined && <script src={props.scriptHref} defer />}
    </Layout>
  );
}
