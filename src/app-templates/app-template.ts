import type { Type } from '@nestjs/common';
import type { Rights } from '../access/access-decision.js';
import type { Account } from '../accounts/account-store.js';
import type { FieldProblem } from '../admin/problem.js';
import type { Client } from '../app-registry/client.js';
import type { ClientEntity } from '../app-registry/client.entity.js';

/**
 * An app that trusts Clinch as its OpenID provider and gives roles of its own for an id_token: cloud consoles above all. One
 * is registered by its template and the settings of that; it is opened by a template, not at an address of its own.
 */
export interface AppTemplate<Settings extends object = object> {
  /** As it stands in the app's `template`. */
  readonly id: string;
  /** What operators call it. */
  readonly name: string;
  /**
   * The app's `template_settings`, under the names of the wire, with the rules of class-validator. By those (`admin/fields.ts`)
   * every field may be missing: what must be there is for `problems` to say.
   */
  readonly settings: Type<Settings>;

  /**
   * What is wrong with settings that are each well formed or missing, and with the app beside them. Only settings without
   * a problem are asked for their roles.
   *
   * @returns problems whose fields begin below `template_settings`: `roles[0].name`
   */
  problems(settings: Settings, app: ClientEntity): readonly FieldProblem[];

  /** The roles at the other side, in the order of the settings. At least one. */
  roles(settings: Settings): readonly FederatedRole[];

  /**
   * The page of the app that a link asks for (`target_link_uri`), in its normal form.
   *
   * @returns undefined when it is no page of this app
   */
  ownPage?(settings: Settings, address: string): string | undefined;

  /**
   * Takes the role and gives the address by which the person is in. Absent where no browser can be sent there, as with a
   * program that takes roles by itself: nothing in the portal opens the app then, and its launch page says so.
   *
   * @throws {FederationError} with the cause, for the page and for the audit
   */
  open?(opening: Opening<Settings>): Promise<Opened>;

  /** What an operator has to enter at the other side. */
  setup(app: Client, settings: Settings): Promise<Setup>;

  /** Whether the other side can reach this issuer and will take what it signs, as far as that can be told from here. */
  check(app: Client, settings: Settings): Promise<readonly SetupCheck[]>;
}

/** A role at the other side. */
export interface FederatedRole {
  /** Its name there; each once in an app. */
  readonly name: string;
  /** What people read. */
  readonly displayName: string;
  /** The role of the app (`access`) that whoever takes it must have; null: everybody who may enter the app. */
  readonly appRole: string | null;
}

/** One click. */
export interface Opening<Settings extends object = object> {
  readonly client: Client;
  readonly settings: Settings;
  readonly account: Account;
  readonly rights: Rights;
  /** One of `roles`, which the person may take. */
  readonly role: FederatedRole;
  /** A page of the app, proven by `ownPage`. */
  readonly targetLinkUri: string | undefined;
  /** The name that the person has in this app, if there is one. */
  readonly appAccount: string | undefined;
  /** The app's own `/launch` address: where the other side sends people whose time is up. */
  readonly launchUrl: string;
  /** Fresh, for this app and nobody else (`aud`), signed with the app's algorithm. Never to be logged or put into an address. */
  readonly idToken: string;
  /** The `sub` of it. */
  readonly subject: string;
  /** Ends all legs together. */
  readonly signal: AbortSignal;
}

/** Where the person goes, and what is to be noted of it. */
export interface Opened {
  /** May hold a single-use ticket of the other side, so it is sent to the browser and nowhere else. */
  readonly location: string;
  /** For the audit: nothing secret. */
  readonly details: Readonly<Record<string, string | number>>;
}

/** What an operator pastes. Names are for programs, and for the console to find its words by. */
export interface Setup {
  readonly values: readonly { readonly name: string; readonly value: string }[];
  readonly documents: readonly { readonly name: string; readonly content: Readonly<Record<string, unknown>> }[];
  readonly commands: readonly { readonly name: string; readonly command: string }[];
}

export interface SetupCheck {
  readonly name: string;
  readonly state: 'passed' | 'warning' | 'failed';
  /** In English, as all of the admin API. */
  readonly detail: string;
}
