import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ServerLog } from '../audit/server-log.js';
import { SettingsEntity } from './settings.entity.js';

/** What operators can set, as it counts. Lifetimes are seconds. */
export type SettingValues = Readonly<Omit<SettingsEntity, 'id' | 'updatedAt'>>;

/** As it comes. */
export const DEFAULT_SETTINGS: SettingValues = {
  sessionAbsoluteLifetime: 36_000,
  sessionIdleLifetime: 7_200,
  portalAppInitiated: 'show',
  companyName: null,
  logoUri: null,
  privacyNoticeUri: null,
  accentColor: null,
};

/** There is one row. */
const ID = 'clinch';

/** Milliseconds: from then on the next reader has them read again. */
const STALE_AFTER_MS = 1_000;

/**
 * What operators set for the whole server, in memory. On the node of a change it counts at once; on another one from the
 * second reading after it, and the first may be a second old at least: nobody waits for the database here.
 */
@Injectable()
export class Settings implements OnModuleInit {
  private values: SettingValues = DEFAULT_SETTINGS;
  private readAt = 0;
  private reading: Promise<void> | undefined;

  constructor(
    @InjectRepository(SettingsEntity) private readonly rows: Repository<SettingsEntity>,
    private readonly log: ServerLog,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.read();
  }

  get current(): SettingValues {
    if (Date.now() - this.readAt >= STALE_AFTER_MS) {
      this.reading ??= this.read()
        .catch((error: unknown) => this.log.failure({ kind: 'settings', err: error }, 'the settings stay as they were'))
        .finally(() => (this.reading = undefined));
    }
    return this.values;
  }

  /** As they are in the database at this moment; for those who are about to change them. */
  async latest(): Promise<SettingValues> {
    await this.read();
    return this.values;
  }

  /**
   * Writes some of them. Others that somebody else writes at the same time stay as they wrote them.
   *
   * @returns all of them, as they are then
   */
  async change(values: Partial<SettingValues>): Promise<SettingValues> {
    const row = { id: ID, ...DEFAULT_SETTINGS, updatedAt: new Date() };
    await this.rows.createQueryBuilder().insert().values(row).orIgnore().execute();
    await this.rows.update({ id: ID }, { ...values, updatedAt: row.updatedAt });
    return this.latest();
  }

  /** Writes all of them. */
  async replace(values: SettingValues): Promise<void> {
    await this.rows.upsert({ id: ID, ...values, updatedAt: new Date() }, ['id']);
    this.values = values;
    this.readAt = Date.now();
  }

  private async read(): Promise<void> {
    const row = await this.rows.findOneBy({ id: ID });
    this.readAt = Date.now();
    if (row === null) {
      this.values = DEFAULT_SETTINGS;
      return;
    }
    const { id: _, updatedAt: __, ...values } = row;
    this.values = values;
  }
}
