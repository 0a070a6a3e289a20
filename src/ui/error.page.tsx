import type { JSX } from 'preact';
import { ButtonLink } from './controls.js';
import { Layout } from './layout.js';
import type { PageProps } from './layout.js';
import { MESSAGES } from './messages.js';

export interface ErrorPageProps extends PageProps {
  readonly title: string;
  readonly explanation: string;
  readonly advice: string;
  /** The OAuth error code, for whoever is asked for help. */
  readonly code?: string | undefined;
  readonly traceId: string;
  readonly appName?: string | undefined;
  /** An address of Clinch's own. Never one that came with the request: an error page must not be an open redirector. */
  readonly homeHref?: string | undefined;
  /** As above: where the person may choose how to sign in. */
  readonly signInHref?: string | undefined;
  /** Now, unless told. */
  readonly occurredAt?: Date | undefined;
}

/** Where a request ends that can neither go on nor return to its app: what happened, what to do, and what to quote. */
export function ErrorPage(props: ErrorPageProps): JSX.Element {
  const words = MESSAGES[props.locale].error;
  const time = (props.occurredAt ?? new Date()).toISOString();
  return (
    <Layout
      locale={props.locale}
      stylesheetHref={props.stylesheetHref}
      title={props.appName ? `${props.title} · ${props.appName}` : props.title}
      app={props.appName ? { name: props.appName } : undefined}
    >
      <h1>{props.title}</h1>
      <p class="lead">{props.explanation}</p>
      <section class="next" aria-labelledby="next">
        <h2 id="next">{words.nextHeading}</h2>
        <p>{props.advice}</p>
      </section>
      {props.signInHref && (
        <div class="actions">
          <ButtonLink href={props.signInHref}>{words.signIn}</ButtonLink>
        </div>
      )}
      {props.homeHref && (
        <div class="actions">
          <ButtonLink kind="secondary" href={props.homeHref}>
            {words.home}
          </ButtonLink>
        </div>
      )}
      <section class="details" aria-label={words.detailsHeading}>
        <dl>
          {props.code && (
            <div>
              <dt>{words.code}</dt>
              <dd>
                <code>{props.code}</code>
              </dd>
            </div>
          )}
          <div>
            <dt>{words.traceId}</dt>
            <dd>
              <code class="trace">{props.traceId}</code>
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
    </Layout>
  );
}
