import type { JSX } from 'preact';
import type { FieldProblem } from '../admin/problem.js';
import type { CallbackKeys } from '../dingtalk/administration/callback-keys.dto.js';
import type { IdentitySourceAnswer } from '../dingtalk/administration/identity-source.dto.js';
import type { SourceCheck } from '../dingtalk/administration/source-check.dto.js';
import type { SourceSetup } from '../dingtalk/administration/source-setup.dto.js';
import type { SyncRun } from '../dingtalk/directory/sync-run.js';
import type { DirectoryEventEntity } from '../dingtalk/events/directory-event.entity.js';
import { Alert } from '../ui/controls.js';
import type { Locale } from '../ui/messages.js';
import { ConsoleLayout, type ConsolePageProps } from './console-layout.js';
import { CONSOLE_MESSAGES, type ConsoleMessages, type SourceSwitch } from './console-messages.js';
import { ActionButton, Mark, Moment, Switch, Table, TextInput } from './console-parts.js';
import { EventTable } from './events.page.js';
import { StateMark } from './run.page.js';

export interface SourcePageProps extends ConsolePageProps {
  readonly source: IdentitySourceAnswer;
  readonly setup: SourceSetup;
  readonly runs: readonly SyncRun[];
  readonly events: readonly DirectoryEventEntity[];
  readonly mayWrite: boolean;
  /** Of a change that was refused. */
  readonly problems?: readonly FieldProblem[];
  readonly fault?: string | undefined;
  readonly saved?: boolean;
  /** Of a check that was just made. */
  readonly check?: SourceCheck;
  /** Just made; shown this once. */
  readonly newKeys?: CallbackKeys;
}

/** One organisation's DingTalk: its state, its settings, and what can be done with it. */
export function SourcePage(props: SourcePageProps): JSX.Element {
  const messages = CONSOLE_MESSAGES[props.locale];
  const { source } = props;
  const words = messages.source;
  const path = `/sources/${source.id}`;
  return (
    <ConsoleLayout {...props} title={source.name ?? source.id}>
      <h1>
        {source.name}{' '}
        <Mark kind={source.enabled ? 'good' : undefined}>
          {source.enabled ? messages.sources.on : messages.sources.off}
        </Mark>
      </h1>
      <p class="lead">
        CorpId <code class="copy">{source.corp_id}</code> · Client ID <code class="copy">{source.client_id}</code>
      </p>
      {!props.mayWrite && <p class="muted">{words.mayNotWrite}</p>}
      {props.saved && <p role="status">{words.saved}</p>}
      {props.fault !== undefined && <Alert>{props.fault}</Alert>}
      <CheckSection {...props} words={words} path={path} />
      <SyncSection {...props} words={words} path={path} messages={messages} />
      <section>
        <h2>{words.events}</h2>
        <p class="lead">{words.eventsLead}</p>
        <EventTable {...props} sourceId={source.id} />
        <p class="row">
          <a href={`${props.home}${path}/events`}>{words.eventsAll}</a>
        </p>
      </section>
      <SetupSection {...props} words={words} />
      <KeysSection {...props} words={words} path={path} />
      {props.mayWrite && <SettingsSection {...props} words={words} path={path} />}
    </ConsoleLayout>
  );
}

type Section = SourcePageProps & { readonly words: ConsoleMessages['source']; readonly path: string };

function CheckSection(props: Section): JSX.Element {
  const { words, check, locale } = props;
  return (
    <section id="check">
      <h2>{words.check}</h2>
      <p class="lead">{words.checkLead}</p>
      {props.mayWrite && (
        <div class="row">
          <ActionButton page={props} path={`${props.path}/check`}>
            {words.checkNow}
          </ActionButton>
        </div>
      )}
      {check !== undefined && (
        <Table headings={[words.result, words.tried, words.toDo]}>
          {check.findings.map((finding) => (
            <tr key={`${finding.check} ${finding.permission ?? ''} ${finding.problem ?? ''}`}>
              <td>
                <Mark kind={finding.ok ? 'good' : 'bad'}>{finding.ok ? words.good : words.bad}</Mark>
              </td>
              <td>
                {finding.check}{' '}
                {finding.permission !== undefined && (
                  <span class="muted">
                    {finding.permission} {finding.permission_name}
                  </span>
                )}
              </td>
              <td>
                {inLocale(locale, finding.problem, finding.problem_zh)}
                <div class="muted">{inLocale(locale, finding.advice, finding.advice_zh)}</div>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function SyncSection(props: Section & { readonly messages: ConsoleMessages }): JSX.Element {
  const { words, messages, runs, path } = props;
  return (
    <section id="sync">
      <h2>{words.sync}</h2>
      <p class="lead">{words.syncLead}</p>
      {props.mayWrite && props.source.enabled && (
        <div class="row">
          <ActionButton page={props} path={`${path}/runs`} hidden={{ kind: 'dry' }} kind="primary">
            {words.dryRun}
          </ActionButton>
          <ActionButton page={props} path={`${path}/runs`} hidden={{ kind: 'full' }}>
            {words.fullRun}
          </ActionButton>
        </div>
      )}
      {runs.length === 0 ? (
        <p class="muted">{words.noRuns}</p>
      ) : (
        <Table headings={[messages.run.started, messages.run.kind, messages.run.state, messages.run.by]}>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <a href={`${props.home}${path}/runs/${run.id}`}>
                  <Moment at={run.createdAt} />
                </a>
              </td>
              <td>{messages.run.kinds[run.kind]}</td>
              <td>
                <StateMark run={run} words={messages.run} />
              </td>
              <td>{run.requestedBy}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function SetupSection({ setup, words, locale }: Omit<Section, 'path'>): JSX.Element {
  return (
    <section id="setup">
      <h2>{words.setup}</h2>
      <p class="lead">{words.setupLead}</p>
      <ol class="steps">
        {setup.steps.map((step) => (
          <li key={step.place + step.title}>
            <strong>{inLocale(locale, step.title, step.title_zh)}</strong> <span class="muted">{step.place}</span>
            <div>{inLocale(locale, step.text, step.text_zh)}</div>
            {step.values.map(({ field, value }) => (
              <div key={field + value}>
                <span class="muted">{field}</span> <code class="copy">{value}</code>
              </div>
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}

function KeysSection(props: Section): JSX.Element {
  const { words, newKeys, source } = props;
  return (
    <section id="keys">
      <h2>{words.keys}</h2>
      <p class="lead">{words.keysLead}</p>
      {newKeys === undefined ? (
        <p class="muted">{source.has_callback_keys ? words.keysSet : words.keysMissing}</p>
      ) : (
        <div class="panel" role="status">
          <p>{words.keysOnce}</p>
          <dl>
            <div>
              <dt>token</dt>
              <dd>
                <code class="copy">{newKeys.callback_token}</code>
              </dd>
            </div>
            <div>
              <dt>aes_key</dt>
              <dd>
                <code class="copy">{newKeys.callback_aes_key}</code>
              </dd>
            </div>
          </dl>
        </div>
      )}
      {props.mayWrite && (
        <div class="row">
          <ActionButton page={props} path={`${props.path}/callback-keys`}>
            {words.keysMake}
          </ActionButton>
        </div>
      )}
    </section>
  );
}

export const SWITCHES: readonly SourceSwitch[] = [
  'enabled',
  'browser_sign_in',
  'embedded_qr',
  'in_app_sign_in',
  'stream_events',
  'callback_events',
  'sync_roles',
  'trusted_phone',
];

function SettingsSection(props: Section): JSX.Element {
  const { words, source } = props;
  const problemOf = (name: string) => props.problems?.find(({ field }) => field === name)?.problem;
  return (
    <section id="settings">
      <h2>{words.settings}</h2>
      <form class="form" method="post" action={props.home + props.path} novalidate>
        <input type="hidden" name="csrf_token" value={props.csrfToken} />
        {SWITCHES.map((name) => (
          <Switch key={name} name={name} label={words.switches[name]} on={source[name] === true} />
        ))}
        <div class="field">
          <label class="field-label" for="field-new_people">
            {words.newPeople}
          </label>
          <select class="field-input" id="field-new_people" name="new_people">
            {(['create', 'refuse'] as const).map((choice) => (
              <option key={choice} value={choice} selected={source.new_people === choice}>
                {words.newPeopleChoices[choice]}
              </option>
            ))}
          </select>
        </div>
        <TextInput
          name="sync_schedule"
          label={words.schedule}
          value={source.sync_schedule ?? ''}
          error={problemOf('sync_schedule')}
        />
        <TextInput
          name="sync_disable_limit"
          label={words.disableLimit}
          value={String(source.sync_disable_limit ?? '')}
          error={problemOf('sync_disable_limit')}
        />
        <TextInput
          name="client_secret"
          label={words.secret}
          type="password"
          hint={words.secretHint}
          error={problemOf('client_secret')}
        />
        <div class="row">
          <button class="button button-primary" type="submit">
            {words.save}
          </button>
        </div>
      </form>
    </section>
  );
}

function inLocale(locale: Locale, en: string | undefined, zh: string | undefined): string | undefined {
  return locale === 'zh-CN' ? (zh ?? en) : en;
}
