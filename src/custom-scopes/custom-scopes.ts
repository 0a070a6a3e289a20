import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { ExtendedClaim } from '../app-registry/client.entity.js';
import { CustomScopeEntity } from './custom-scope.entity.js';

/** Milliseconds: how long another node may go on with the scopes as they were. On the node of the change it is at once. */
const STALE_AFTER_MS = 1_000;

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

/** Finds the scopes of the operator's own. Every token needs them, so all are held in memory for a second. */
@Injectable()
export class CustomScopes {
  private held: { readonly scopes: Promise<ByName>; readonly until: number } | undefined;

  constructor(@InjectRepository(CustomScopeEntity) private readonly scopes: Repository<CustomScopeEntity>) {}

  /** In the order of their names. */
  async all(): Promise<readonly CustomScope[]> {
    return [...(await this.byName()).values()];
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
  }

  private async byName(): Promise<ByName> {
    if (this.held !== undefined && this.held.until > Date.now()) return this.held.scopes;
    const held = { scopes: this.load(), until: Date.now() + STALE_AFTER_MS };
    this.held = held;
    held.scopes.catch(() => {
      if (this.held === held) this.held = undefined;
    });
    return held.scopes;
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
