import { Injectable } from '@nestjs/common';

/** What the registry must know of a grant to judge an app that wants it. */
export interface GrantType {
  /** The `grant_type` on the wire. */
  readonly type: string;
  readonly clients: 'any' | 'confidential';
}

/** The grants that an app may have: those that this server really has. The room of grants stands below and tells. */
@Injectable()
export class GrantTypes {
  private source: () => readonly GrantType[] = () => [];

  /** Called once, with a source that is asked when an app is judged: by then all grants have been found. */
  declare(source: () => readonly GrantType[]): void {
    this.source = source;
  }

  all(): readonly GrantType[] {
    return this.source();
  }
}
