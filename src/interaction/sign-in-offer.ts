import { Injectable } from '@nestjs/common';
import type { ClinchRequest } from '../http/clinch-request.js';
import type { SignInWay } from './identity-provider.js';
import { IdentityProviders } from './identity-providers.js';
import type { OpenInteraction } from './interactions.js';
import { LocalSignIn } from './local-sign-in.js';

/** What a person may choose from to sign in. */
export interface SignInOffer {
  readonly ways: readonly SignInWay[];
  /** Whether the form for name and password is among it. */
  readonly local: boolean;
  /** The way that needs no choice, if there is one. */
  readonly straight: SignInWay | undefined;
}

/** Puts together what the sign-in page offers. */
@Injectable()
export class SignInOffers {
  constructor(
    private readonly providers: IdentityProviders,
    private readonly localSignIn: LocalSignIn,
  ) {}

  async of(request: ClinchRequest, open: OpenInteraction): Promise<SignInOffer> {
    const { interaction } = open;
    const organisation = open.client === undefined ? open.interaction.request.organisation : undefined;
    const [ways, offered] = await Promise.all([
      this.providers.ways({ request, interactionId: interaction.id, organisation }),
      this.localSignIn.isOffered(),
    ]);
    // A server that nobody has a way into yet shows its form, so that it does not look broken.
    const local = offered || (ways.length === 0 && this.localSignIn.isAllowed);
    return { ways, local, straight: straightWay(ways, local) };
  }
}

/** The one silent way, or the one way that there is at all. With two, the person chooses. */
function straightWay(ways: readonly SignInWay[], local: boolean): SignInWay | undefined {
  const silent = ways.filter((way) => way.silent);
  if (silent.length > 0) return silent.length === 1 ? silent[0] : undefined;
  return !local && ways.length === 1 ? ways[0] : undefined;
}
