import type { JSX } from 'preact';
import { Layout } from './layout.js';
import type { PageProps } from './layout.js';

export interface NoticePageProps extends PageProps {
  readonly title: string;
  readonly body: string;
}

/** A page that only has something to say, such as the one at the root for people who wander in. */
export function NoticePage(props: NoticePageProps): JSX.Element {
  return (
    <Layout locale={props.locale} stylesheetHref={props.stylesheetHref} title={props.title}>
      <h1>{props.title}</h1>
      <p class="lead">{props.body}</p>
    </Layout>
  );
}
