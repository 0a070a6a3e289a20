import type { ComponentChildren, JSX } from 'preact';
import type { Setup, SetupCheck } from '../app-templates/app-template.js';
import type { ListedApp } from './apps.page.js';
import { ConsoleLayout, type ConsolePageProps } from './console-layout.js';
import type { AppsMessages } from './console-messages.apps.js';
import { CONSOLE_MESSAGES } from './console-messages.js';
import { ActionButton, Mark, Table } from './console-parts.js';

export interface AppPageProps extends ConsolePageProps {
  readonly app: ListedApp;
  readonly setup: Setup;
  readonly mayWrite: boolean;
  /** Of a check that was just made. */
  readonly checks?: readonly SetupCheck[];
}

/** One app that was registered by a template: what to enter at the other side, and whether that will work. */
export function AppPage(props: AppPageProps): JSX.Element {
  const messages = CONSOLE_MESSAGES[props.locale];
  const words = messages.apps;
  const { app, setup } = props;
  const steps = words.stepsOf[app.template.id];
  return (
    <ConsoleLayout {...props} title={app.name}>
      <h1>
        {app.name}{' '}
        <Mark kind={app.enabled ? 'good' : undefined}>{app.enabled ? messages.sources.on : messages.sources.off}</Mark>
      </h1>
      <p class="lead">
        {words.templates[app.template.id] ?? app.template.name} · {words.clientId}{' '}
        <code class="copy">{app.clientId}</code>
      </p>
      {steps !== undefined && (
        <section>
          <h2>{words.steps}</h2>
          <ol class="steps">
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </section>
      )}
      <CheckSection {...props} words={words} />
      <Section id="values" heading={words.values} lead={words.copyHint} some={setup.values.length > 0}>
        <div class="panel">
          <dl>
            {setup.values.map(({ name, value }) => (
              <div key={name}>
                <dt>
                  <Name name={name} words={words} />
                </dt>
                <dd>
                  <code class="copy">{value}</code>
                </dd>
              </div>
            ))}
          </dl>
        </div>
      </Section>
      <Section id="documents" heading={words.documents} some={setup.documents.length > 0}>
        {setup.documents.map(({ name, content }) => (
          <Paper key={name} name={name} words={words} text={JSON.stringify(content, null, 2)} />
        ))}
      </Section>
      <Section id="commands" heading={words.commands} some={setup.commands.length > 0}>
        {setup.commands.map(({ name, command }) => (
          <Paper key={name} name={name} words={words} text={command} />
        ))}
      </Section>
    </ConsoleLayout>
  );
}

function CheckSection(props: AppPageProps & { readonly words: AppsMessages }): JSX.Element {
  const { words, checks, app } = props;
  return (
    <section id="check">
      <h2>{words.check}</h2>
      <p class="lead">{words.checkLead}</p>
      {props.mayWrite ? (
        <div class="row">
          <ActionButton page={props} path={`/apps/${encodeURIComponent(app.clientId)}/check`} kind="primary">
            {words.checkNow}
          </ActionButton>
        </div>
      ) : (
        <p class="muted">{words.mayNotWrite}</p>
      )}
      {checks !== undefined && (
        <Table headings={[words.result, words.checked, words.found]}>
          {checks.map(({ name, state, detail }) => (
            <tr key={name}>
              <td>
                <Mark kind={state === 'warning' ? undefined : state === 'passed' ? 'good' : 'bad'}>
                  {words.states[state]}
                </Mark>
              </td>
              <td>{words.checks[name] ?? name}</td>
              {/* As the admin API says it, which speaks English. */}
              <td lang="en">{detail}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function Section(props: {
  readonly id: string;
  readonly heading: string;
  readonly lead?: string;
  /** Whether there is anything under the heading. */
  readonly some: boolean;
  readonly children: ComponentChildren;
}): JSX.Element | null {
  if (!props.some) return null;
  return (
    <section id={props.id}>
      <h2>{props.heading}</h2>
      {props.lead !== undefined && <p class="muted">{props.lead}</p>}
      {props.children}
    </section>
  );
}

/** A text of several lines that is copied whole. */
function Paper(props: { readonly name: string; readonly words: AppsMessages; readonly text: string }): JSX.Element {
  return (
    <>
      <h3>
        <Name name={props.name} words={props.words} />
      </h3>
      <pre class="panel copy" tabindex={0}>
        {props.text}
      </pre>
    </>
  );
}

/** `role_arn:ops` is the ARN of the role ops. */
function Name({ name, words }: { readonly name: string; readonly words: AppsMessages }): JSX.Element {
  const [kind = name, role] = name.split(/:(.*)/s);
  return (
    <>
      {words.names[kind] ?? kind}
      {role !== undefined && (
        <>
          {' '}
          <code>{role}</code>
        </>
      )}
    </>
  );
}
