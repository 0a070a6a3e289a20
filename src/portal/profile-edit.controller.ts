import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { Account } from '../accounts/account-store.js';
import { OwnProfile, type OwnChanges, type OwnField } from '../accounts/own-profile.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import type { Parameters } from '../protocol/parameters.js';
import type { SignedIn } from '../session/session-store.js';
import { OWN_PATHS } from '../ui/own-page-layout.js';
import { actorOf, OwnPages } from './own-pages.js';
import { PROFILE_EDIT_PATH } from './profile-edit-path.js';
import { ProfileEditPage, type ProfileEditPageProps } from './profile-edit.page.js';
import { ProfileFacts } from './profile-facts.js';

/** /account/edit: what somebody may say of themselves, as far as no directory says it. */
@Controller()
@UseFilters(PageErrorFilter)
export class ProfileEditController {
  constructor(
    private readonly pages: OwnPages,
    private readonly profile: ProfileFacts,
    private readonly own: OwnProfile,
  ) {}

  @Get(PROFILE_EDIT_PATH)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, PROFILE_EDIT_PATH);
    if (signedIn === undefined) return;
    const editable = await this.editable(signedIn);
    this.send(request, response, signedIn, { editable, values: valuesOf(signedIn.account, editable), unfit: [] }, 200);
  }

  @Post(PROFILE_EDIT_PATH)
  async change(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const submitted = await this.pages.submitted(request, response, PROFILE_EDIT_PATH);
    if (submitted === undefined) return;
    const { signedIn, form } = submitted;
    const { account } = signedIn;
    const editable = await this.editable(signedIn);
    const sent = sentOf(form, editable);
    const outcome = await this.own.change(account.id, changesOf(account, sent), actorOf(request, signedIn));
    if (outcome.outcome === 'gone') throw new PageError('not_found', { hint: 'the account is gone' });
    if (outcome.outcome === 'changed') {
      this.pages.goTo(response, `${OWN_PATHS.profile}?done=profile`);
      return;
    }
    const values = { ...valuesOf(account, editable), ...sent };
    this.send(request, response, signedIn, { editable, values, unfit: outcome.fields }, 400);
  }

  /** @throws {PageError} not_found where all of it comes from a directory */
  private async editable({ account }: SignedIn): Promise<readonly OwnField[]> {
    const editable = await this.profile.editable(account);
    if (editable.length === 0)
      throw new PageError('not_found', { hint: 'the directory says all that could be changed' });
    return editable;
  }

  private send(
    request: ClinchRequest,
    response: Response,
    signedIn: SignedIn,
    shown: Pick<ProfileEditPageProps, 'editable' | 'values' | 'unfit'>,
    status: number,
  ): void {
    const page = ProfileEditPage({ ...this.pages.formFrame(request, response, signedIn), ...shown });
    this.pages.send(response, page, status);
  }
}

type Values = Partial<Record<OwnField, string>>;

function valuesOf({ claims }: Account, fields: readonly OwnField[]): Values {
  return Object.fromEntries(
    fields.map((field) => {
      const value = claims[field];
      return [field, typeof value === 'string' ? value : ''];
    }),
  );
}

/** What is not theirs to say is passed over; what was not sent stays as it is, which is not the same as empty. */
function sentOf(form: Parameters, editable: readonly OwnField[]): Values {
  const sent = editable.filter((field) => form.wasSent(field));
  return Object.fromEntries(sent.map((field) => [field, form.get(field)?.trim() ?? '']));
}

/** Only what differs: what nobody touched is no change, and an old value is not judged anew. */
function changesOf(account: Account, sent: Values): OwnChanges {
  const fields = Object.keys(sent) as OwnField[];
  const old = valuesOf(account, fields);
  const changed = fields.filter((field) => sent[field] !== old[field]);
  return Object.fromEntries(changed.map((field) => [field, sent[field] === '' ? null : sent[field]]));
}
