import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { setTimeout as delay } from 'node:timers/promises';
import { Repository } from 'typeorm';
import type { ExtendedClaim } from '../app-registry/client.entity.js';
import { CustomScopeEntity } from './custom-scope.entity.js';

/** Milliseconds: how long another node may go on with the scopes as they were. On the node of the change it is at once. */
const STALE_AFTER_MS = 1_000;

/** Milliseconds that whoever only announces the scopes waits for a database that is slow. */
const PATIENCE_MS = 500;

/** A scope of the operator's own, as the flows see it. */
export interface CustomScope {
  readonly name: string;
  /** What it releases, for the person who is asked. */
  readonly description: Readonly<Record<'zh-CN' | 'en', string>>;
  readonly claims: readonly ExtendedClaim[];
  /** Whoever agreed to it before agreed to something else. */
  readonly consentSince: Date;
}

type ByName = ReadonlyMap<string, CustomScope>;

interface Held {
  readonly scopes: Promise<ByName>;
  readonly until: number;
}

/** Finds the scopes of the operator's own. Every token needs them, so all are held in memory for a second. */
@Injectable()
export class CustomScopes implements OnModuleInit {
  private held: Held | undefined;
  /** As they were read last, however long ago. */
  private known: ByName = new Map();
  private announceUntil = 0;
  private refreshing: Promise<void> | undefined;

  constructor(@InjectRepository(CustomScopeEntity) private readonly scopes: Repository<CustomScopeEntity>) {}

  async onModuleInit(): Promise<void> {
    await this.byName();
  }

  /**
   * All, in the order of their names, for who only tells others of them: while the database is away or slow they stay as
   * they were, because apps read discovery before anything else. What decides about a token never asks here.
   */
  async announced(): Promise<readonly CustomScope[]> {
    if (this.announceUntil <= Date.now()) await this.refresh();
    return [...this.known.values()];
  }

  /** Those of the scope-tokens that are such a scope, each once, in the order of the tokens. */
  async among(tokens: readonly string[]): Promise<readonly CustomScope[]> {
    const known = await this.byName();
    return known.size === 0 ? [] : [...new Set(tokens)].flatMap((token) => known.get(token) ?? []);
  }

  async find(name: string): Promise<CustomScope | undefined> {
    return (await this.byName()).get(name);
  }

  /** To be called after every change. */
  forget(): void {
    this.held = undefined;
    this.refreshing = undefined;
    this.announceUntil = 0;
  }

  /** One attempt for all who ask meanwhile, and the next one a second later, whatever came of it. */
  private async refresh(): Promise<void> {
    const attempt = (this.refreshing ??= Promise.race([
      this.byName(),
      delay(PATIENCE_MS, undefined, { ref: false }),
    ]).then(
      () => undefined,
      () => undefined,
    ));
    await attempt;
    if (this.refreshing !== attempt) return;
    this.refreshing = undefined;
    this.announceUntil = Date.now() + STALE_AFTER_MS;
  }

  private async byName(): Promise<ByName> {
    if (this.held !== undefined && this.held.until > Date.now()) return this.held.scopes;
    const held = { scopes: this.load(), until: Date.now() + STALE_AFTER_MS };
    this.held = held;
    void this.follow(held);
    return held.scopes;
  }

  private async follow(held: Held): Promise<void> {
    try {
      const scopes = await held.scopes;
      if (this.held === held) this.known = scopes;
    } catch {
      if (this.held === held) this.held = undefined;
    }
  }

  private async load(): Promise<ByName> {
    const rows = await this.scopes.find({ order: { name: 'ASC' } });
    return new Map(
      rows.map(({ name, descriptionZhCn, descriptionEn, claims, consentSince }) => [
        name,
        { name, description: { 'zh-CN': descriptionZhCn, en: descriptionEn }, claims, consentSince },
      ]),
    );
  }
}
