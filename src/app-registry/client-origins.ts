import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, statement } from '../database/database.js';
import { CrossOriginAnswers } from '../http/cross-origin.js';
import type { ClientEntity } from './client.entity.js';

/** Milliseconds that an answer is good for, and how many are held. */
const STALE_AFTER_MS = 5_000;
const HELD = 1_000;

const FIND = statement('client_origin_find', 'SELECT client_id FROM client_origins WHERE origin = $1 LIMIT 1');

/** The origins that public apps are served from: their scripts call the token endpoint themselves. */
export function originsOf(
  client: Pick<ClientEntity, 'tokenEndpointAuthMethod' | 'redirectUris' | 'enabled'>,
): string[] {
  if (client.tokenEndpointAuthMethod !== 'none' || !client.enabled) return [];
  const origins = client.redirectUris.filter((uri) => /^https?:/.test(uri)).map((uri) => new URL(uri).origin);
  return [...new Set(origins)];
}

@Injectable()
export class ClientOrigins implements OnModuleInit {
  private readonly held = new Map<string, { readonly registered: boolean; readonly until: number }>();

  constructor(
    private readonly database: Database,
    private readonly answers: CrossOriginAnswers,
  ) {}

  onModuleInit(): void {
    this.answers.trust((origin) => this.has(origin));
  }

  /** Byte for byte, as browsers send it: an origin in another case is no browser's. */
  async has(origin: string): Promise<boolean> {
    if (!/^https?:\/\/[\x21-\x7e]{1,280}$/.test(origin)) return false;
    const known = this.held.get(origin);
    if (known !== undefined && known.until > Date.now()) return known.registered;
    const registered = (await this.database.first(FIND, origin)) !== undefined;
    this.held.set(origin, { registered, until: Date.now() + STALE_AFTER_MS });
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value ?? '');
    return registered;
  }

  forgetAll(): void {
    this.held.clear();
  }
}
