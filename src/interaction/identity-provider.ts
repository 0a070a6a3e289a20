import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import type { ClinchRequest } from '../http/clinch-request.js';
import type { Locale } from '../ui/messages.js';

/** The browser that is to sign in, and what for. */
export interface SignInContext {
  readonly request: ClinchRequest;
  /** The id of the open interaction; a way's address carries it. */
  readonly interactionId: string;
  /** The organisation that the person comes from, by the id that its own directory gives it, where that is known. */
  readonly organisation: string | undefined;
}

/** One way to sign in beside the password, for one open interaction in one browser. */
export interface SignInWay {
  readonly id: string;
  /** What its button says. */
  readonly label: Readonly<Record<Locale, string>>;
  /** The address below the issuer where it begins. */
  readonly path: string;
  /** It asks nothing of the person here, so the browser goes there without a page in between. */
  readonly silent: boolean;
  readonly embedded?: EmbeddedWay | undefined;
}

/** What the sign-in page may show of a way within itself, where scripts run. */
export interface EmbeddedWay {
  /** The path of our own script that does it. */
  readonly script: string;
  /** Where that script asks for the address of the frame, with the page's CSRF token. */
  readonly ask: string;
  /** The origin of the frame: what may be framed, and who is listened to. */
  readonly origin: string;
  /** The path that the browser returns to; the frame can send it nowhere else. */
  readonly callback: string;
}

/** Somebody else who proves who a person is. */
export interface IdentityProvider {
  /** The ways in for this browser; none when there is nothing that could work here. */
  ways(context: SignInContext): Promise<readonly SignInWay[]>;
}

export interface IdentityProviderOptions {
  readonly id: string;
}

export const IDENTITY_PROVIDER = Symbol('identity-provider');

/** Declares an identity provider. The sign-in page finds it by this alone. */
export function ProvidesIdentity(options: IdentityProviderOptions): ClassDecorator {
  return applyDecorators(Injectable(), SetMetadata(IDENTITY_PROVIDER, options));
}
