import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Keyring } from '../../keyring/keyring.js';
import { IdentitySourceEntity } from './identity-source.entity.js';
import { IdentitySource } from './identity-source.js';

/** Milliseconds: how long another node may go on with a source as it was. On the node of the change it is at once. */
const STALE_AFTER_MS = 1_000;

/** Finds the organisations' DingTalks. There are few of them and every sign-in asks, so all are held for a second. */
@Injectable()
export class IdentitySources {
  private held: { readonly sources: Promise<readonly IdentitySource[]>; readonly until: number } | undefined;

  constructor(
    @InjectRepository(IdentitySourceEntity) private readonly repository: Repository<IdentitySourceEntity>,
    private readonly keyring: Keyring,
  ) {}

  /** All that are switched on, in the order of their ids. */
  async enabled(): Promise<readonly IdentitySource[]> {
    return (await this.all()).filter(({ enabled }) => enabled);
  }

  async findEnabled(id: string): Promise<IdentitySource | undefined> {
    return (await this.enabled()).find((source) => source.id === id);
  }

  /** Switched on or not. */
  async find(id: string): Promise<IdentitySource | undefined> {
    return (await this.all()).find((source) => source.id === id);
  }

  /** To be called after every change. */
  forget(): void {
    this.held = undefined;
  }

  private async all(): Promise<readonly IdentitySource[]> {
    if (this.held === undefined || this.held.until <= Date.now()) {
      const sources = this.load();
      this.held = { sources, until: Date.now() + STALE_AFTER_MS };
      sources.catch(() => this.forget());
    }
    return this.held.sources;
  }

  private async load(): Promise<IdentitySource[]> {
    const rows = await this.repository.find({ order: { id: 'ASC' } });
    return rows.map((row) => new IdentitySource(row, this.keyring));
  }
}
