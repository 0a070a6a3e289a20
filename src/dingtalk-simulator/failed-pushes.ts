import type { SimulatorApp } from './app.js';
import type { CompanyEvent } from './company-event.js';

const MOST = 200;

/** Events that could not be delivered by HTTP, kept for each app until it reads them. */
export class FailedPushes {
  readonly #byApp = new Map<string, CompanyEvent[]>();

  add(app: SimulatorApp, event: CompanyEvent): void {
    this.#byApp.set(app.clientId, [...(this.#byApp.get(app.clientId) ?? []), event]);
  }

  /** What `get_call_back_failed_result` answers. Reading removes. */
  read(app: SimulatorApp): object {
    const waiting = this.#byApp.get(app.clientId) ?? [];
    this.#byApp.set(app.clientId, waiting.slice(MOST));
    return { has_more: waiting.length > MOST, failed_list: waiting.slice(0, MOST).map(failed) };
  }
}

function failed({ type, corpId, bornAt, payload }: CompanyEvent): object {
  const { userId, ...rest } = payload;
  const ids = userId === undefined ? rest : { userid: userId };
  const key = type.startsWith('label_') ? 'roleLabelChange' : 'callbackData';
  return { [key]: { ...ids, corpid: corpId }, call_back_tag: type, event_time: bornAt };
}
