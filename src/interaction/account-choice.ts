import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { seeOther } from '../http/see-other.js';
import type { Parameters } from '../protocol/parameters.js';
import { BrowserSession, type SignedInHere } from '../session/browser-session.js';
import { InteractionStore } from './interaction-store.js';
import { Interactions, type AppInteraction, type OpenInteraction, type PageInteraction } from './interactions.js';
import { askingOf } from './person-at-app.js';
import { SignIns } from './sign-ins.js';

/**
 * What the address of the sign-in page says of it: `other` is the form for somebody who is not among them; `choose` is
 * the choice, where there is more than the one who is signed in, and else the form.
 */
const ACCOUNT = 'account';

/** Whether the person has said that they are somebody else than the one who is signed in. */
export function wantsAnother(request: ClinchRequest): boolean {
  const asked = request.query[ACCOUNT];
  return asked === 'other' || asked === 'choose';
}

/** The choice among the people who are signed in with this browser. Nobody is chosen without being asked. */
@Injectable()
export class AccountChoice {
  constructor(
    private readonly interactions: Interactions,
    private readonly sessions: BrowserSession,
    private readonly store: InteractionStore,
    private readonly signIns: SignIns,
    private readonly config: ClinchConfig,
  ) {}

  /** Those who can be chosen from, where that is what has to be asked now. */
  async offered(request: ClinchRequest, open: OpenInteraction): Promise<SignedInHere | undefined> {
    if (request.query[ACCOUNT] === 'other') return undefined;
    const here = await this.sessions.all(request);
    if (request.query[ACCOUNT] === 'choose') return here.others.length > 0 ? here : undefined;
    return open.client === undefined ? choiceForPage(open, here) : this.choiceForApp(request, open, here);
  }

  /**
   * Goes on as the one who was chosen, or to the form for another. Each button says whose it is, by a session of this
   * browser, so it does not matter who counts just now: the second press of two finds the first one's choice.
   */
  async take(request: ClinchRequest, response: Response, open: OpenInteraction, form: Parameters): Promise<void> {
    const { interaction, browser } = open;
    const page = `${this.config.url('/login')}?interaction=${interaction.id}`;
    if (form.get('decision') !== 'continue') {
      seeOther(response, `${page}&${ACCOUNT}=other`);
      return;
    }
    const chosen = await this.sessions.switchTo(request, response, form.get('session') ?? '');
    if (chosen === undefined) {
      // Their session has ended since: whoever is left can be chosen.
      seeOther(response, page);
      return;
    }
    await this.store.selectAccount(interaction.id, browser, chosen.session.id);
    seeOther(response, this.signIns.onward(open));
  }

  private async choiceForApp(
    request: ClinchRequest,
    open: AppInteraction,
    here: SignedInHere,
  ): Promise<SignedInHere | undefined> {
    const { current } = here;
    if (current !== undefined && (await this.interactions.isAskedFor(open, current))) {
      return (await this.interactions.isDue('select_account', open, current, askingOf(request))) ? here : undefined;
    }
    // A fresh proof is wished for, which none of them has given.
    if (open.interaction.request.prompt.includes('login')) return undefined;
    const fitting = await Promise.all(here.others.map((other) => this.interactions.isAskedFor(open, other)));
    const others = here.others.filter((_, index) => fitting[index]);
    return others.length > 0 ? { current: undefined, others } : undefined;
  }
}

function choiceForPage({ interaction }: PageInteraction, here: SignedInHere): SignedInHere | undefined {
  const isDue = here.current === undefined ? here.others.length > 0 : interaction.request.select === true;
  return isDue ? here : undefined;
}
