import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartError } from '../config/start-error.js';
import { dataSourceOptions, openDataSource, sqliteConnection } from './data-source.js';

describe('the embedded database', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'clinch-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['journal_mode', 'wal'],
    // 2 is FULL: what was answered outlives a power cut.
    ['synchronous', 2],
    ['foreign_keys', 1],
    ['busy_timeout', 20],
    ['journal_size_limit', 67_108_864],
  ])('runs with %s = %s', async (name, value) => {
    const dataSource = await openDataSource(dataSourceOptions({ kind: 'sqlite', path: join(folder, 'clinch.db') }));
    expect(sqliteConnection(dataSource).pragma(name, { simple: true })).toBe(value);
    await dataSource.destroy();
  });

  it('refuses to start where WAL cannot be had', async () => {
    const opened = openDataSource(dataSourceOptions({ kind: 'sqlite', path: ':memory:' }));
    await expect(opened).rejects.toThrow(StartError);
    await expect(opened).rejects.toThrow('SQLite reports journal_mode = memory where wal is needed');
  });
});
