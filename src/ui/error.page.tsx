import type { ComponentChildren, JSX } from 'preact';
import { ButtonLink } from './controls.js';
import { Layout } from './layout.js';
import type { PageProps } from './layout.js';
import { MESSAGES } from './messages.js';
import type { Locale } from './messages.js';

export interface ErrorPageProps extends PageProps {
  readonly title: string;
  readonly explanation: string;
  readonly advice: string;
  /** In the place of the advice: whom to ask for access, in the operator's words. */
  readonly contact?: string | undefined;
  /** The OAuth error code, for whoever is asked for help. */
  readonly code?: string | undefined;
  readonly traceId: string;
  readonly appName?: string | undefined;
  /** An address of Clinch's own. Never one that came with the request: an error page must not be an open redirector. */
  readonly homeHref?: string | undefined;
  /** As above: where the person may choose how to sign in. */
  readonly signInHref?: string | undefined;
  /** As above: where the person may sign out. */
  readonly signOutHref?: string | undefined;
  /** As above: other ways on, the likeliest first. */
  readonly ways?: readonly { readonly href: string; readonly text: string }[];
  /** Now, unless told. */
  readonly occurredAt?: Date | undefined;
}

/** Where a request ends that can neither go on nor return to its app: what happened, what to do, and what to quote. */
export function ErrorPage(props: ErrorPageProps): JSX.Element {
  const words = MESSAGES[props.locale].error;
  return (
    <Layout
      locale={props.locale}
      stylesheetHref={props.stylesheetHref}
      title={props.appName ? `${props.title} · ${props.appName}` : props.title}
      app={props.appName ? { name: props.appName } : undefined}
    >
      <h1>{props.title}</h1>
      <p class="lead">{props.explanation}</p>
      {props.contact === undefined ? (
        <Next locale={props.locale}>
          <p>{props.advice}</p>
        </Next>
      ) : (
        <WhomToAsk locale={props.locale} contact={props.contact} />
      )}
      {props.signInHref && (
        <div class="actions">
          <ButtonLink href={props.signInHref}>{words.signIn}</ButtonLink>
        </div>
      )}
      {props.signOutHref && (
        <div class="actions">
          <ButtonLink href={props.signOutHref}>{words.signOut}</ButtonLink>
        </div>
      )}
      {props.homeHref && (
        <div class="actions">
          <ButtonLink kind="secondary" href={props.homeHref}>
            {words.home}
          </ButtonLink>
        </div>
      )}
      {props.ways !== undefined && props.ways.length > 0 && (
        <div class="actions">
          {props.ways.map(({ href, text }, index) => (
            <ButtonLink key={href} kind={index === 0 ? 'primary' : 'secondary'} href={href}>
              {text}
            </ButtonLink>
          ))}
        </div>
      )}
      <ErrorDetails {...props} />
    </Layout>
  );
}

/** Whom to ask for access: as the operator says, or the administrator. */
export function WhomToAsk(props: { readonly locale: Locale; readonly contact: string | undefined }): JSX.Element {
  const { refused, error } = MESSAGES[props.locale];
  return (
    <Next locale={props.locale}>
      <p>{props.contact === undefined ? error.situations.access_denied.advice : refused.ask}</p>
      {props.contact !== undefined && <p class="contact">{props.contact}</p>}
    </Next>
  );
}

function Next(props: { readonly locale: Locale; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section class="next" aria-labelledby="next">
      <h2 id="next">{MESSAGES[props.locale].error.nextHeading}</h2>
      {props.children}
    </section>
  );
}

/** What to quote to whoever is asked for help. */
export function ErrorDetails({
  locale,
  code,
  traceId,
  occurredAt = new Date(),
}: Pick<ErrorPageProps, 'locale' | 'code' | 'traceId' | 'occurredAt'>): JSX.Element {
  const words = MESSAGES[locale].error;
  const time = occurredAt.toISOString();
  return (
    <section class="details" aria-label={words.detailsHeading}>
      <dl>
        {code && (
          <div>
            <dt>{words.code}</dt>
            <dd>
              <code>{code}</code>
            </dd>
          </div>
        )}
        <div>
          <dt>{words.traceId}</dt>
          <dd>
            <code class="trace">{traceId}</code>
          </dd>
        </div>
        <div>
          <dt>{words.time}</dt>
          <dd>
            <time datetime={time}>{`${time.slice(0, 10)} ${time.slice(11, 19)} UTC`}</time>
          </dd>
        </div>
      </dl>
    </section>
  );
}
