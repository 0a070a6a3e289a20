import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type EntityManager } from 'typeorm';
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
  signingKeyRotation: 90 * 86_400,
  signingKeyAnnouncement: 86_400,
  auditRetentionDays: 180,
};

/** There is one row. */
const ID = 'clinch';

/** Milliseconds between two readings, so that what was set on another node counts here as well. */
const READ_EVERY_MS = 1_000;

/**
 * What operators set for the whole server, in memory: nobody waits for the database here. On the node of a change it counts
 * at once, on another one within a second; while the database is away it stays as it was.
 */
@Injectable()
export class Settings implements OnModuleInit, OnModuleDestroy {
  private values: SettingValues = DEFAULT_SETTINGS;
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;
  private changes = 0;
  private isAway = false;

  constructor(
    @InjectRepository(SettingsEntity) private readonly rows: Repository<SettingsEntity>,
    private readonly log: ServerLog,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.read();
    this.timer = setInterval(() => {
      this.reading ??= this.read()
        .catch((error: unknown) => this.failed(error))
        .finally(() => (this.reading = undefined));
    }, READ_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.reading;
  }

  get current(): SettingValues {
    return this.values;
  }

  /** As they are in the database at this moment; for those who are about to change them. */
  async latest(): Promise<SettingValues> {
    const values = await this.stored();
    this.changes += 1;
    this.values = values;
    return values;
  }

  /**
   * Writes some of them. Others that somebody else writes at the same time stay as they wrote them.
   *
   * @param judge refuses, by what it throws, to change what is there: nobody changes it in between
   * @param note what is written with it
   * @returns all of them, as they are then
   */
  async change(
    values: Partial<SettingValues>,
    judge: (there: SettingValues) => void = () => undefined,
    note?: (manager: EntityManager, there: SettingValues) => Promise<void>,
  ): Promise<SettingValues> {
    const row = { id: ID, ...DEFAULT_SETTINGS, updatedAt: new Date() };
    await this.rows.manager.transaction(async (manager) => {
      const rows = manager.getRepository(SettingsEntity);
      await rows.createQueryBuilder().insert().values(row).orIgnore().execute();
      // The row's lock is had by writing it: whoever reads afterwards in this transaction reads what stays.
      await rows.update({ id: ID }, { updatedAt: row.updatedAt });
      const there = valuesOf(await rows.findOneBy({ id: ID }));
      judge(there);
      if (Object.keys(values).length > 0) await rows.update({ id: ID }, values);
      await note?.(manager, there);
    });
    return this.latest();
  }

  private async read(): Promise<void> {
    const { changes } = this;
    const values = await this.stored();
    this.isAway = false;
    // What was asked for before a change on this node may be older than it.
    if (changes === this.changes) this.values = values;
  }

  private async stored(): Promise<SettingValues> {
    return valuesOf(await this.rows.findOneBy({ id: ID }));
  }

  /** Said once for as long as it goes on. */
  private failed(error: unknown): void {
    if (!this.isAway) this.log.failure({ kind: 'settings', err: error }, 'the settings stay as they were');
    this.isAway = true;
  }
}

function valuesOf(row: SettingsEntity | null): SettingValues {
  if (row === null) return DEFAULT_SETTINGS;
  const { id: _, updatedAt: __, ...values } = row;
  return values;
}
