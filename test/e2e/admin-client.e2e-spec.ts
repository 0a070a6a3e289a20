import { createConfig, lintFromString } from '@redocly/openapi-core';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generateApi } from 'swagger-typescript-api';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let source: string;
let folder: string;

beforeAll(async () => {
  clinch = await startClinch({ CLINCH_ISSUER: 'http://localhost:{port}/auth' });
  source = await (await fetch(`${clinch.url}/admin/openapi.json`)).text();
  // Below the project, so that what is generated finds its modules.
  folder = await mkdtemp(resolve('test/e2e/.generated-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await clinch.stop();
});

describe('the OpenAPI document', () => {
  it('holds against the recommended rules of a linter', async () => {
    expect(await complaintsOf(source)).toEqual([]);
    // They do look at it.
    expect(await complaintsOf(source.replace('"summary"', '"x-summary"'))).not.toEqual([]);
  }, 60_000);
});

/** Warnings too. One rule is off: a test server's address is localhost, an operator's is the issuer. */
async function complaintsOf(document: string): Promise<unknown[]> {
  const config = await createConfig({ extends: ['recommended'], rules: { 'no-server-example.com': 'off' } });
  const found = await lintFromString({ source: document, config, absoluteRef: 'openapi.json' });
  return found.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]);
}

interface GeneratedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Record<string, unknown>;
}

type GeneratedOperation = (...values: unknown[]) => Promise<GeneratedAnswer>;

interface GeneratedClient {
  readonly admin: Readonly<Record<string, GeneratedOperation>>;
}

interface GeneratedModule {
  readonly ClinchAdmin: new (options: object) => GeneratedClient;
}

describe('a client that is generated from the document', () => {
  it('compiles, and does the work', async () => {
    const { files } = await generateApi({
      input: await written('openapi.json', source),
      apiClassName: 'ClinchAdmin',
      silent: true,
    });
    const code = files.map(({ fileContent }) => fileContent).join('\n');
    const path = await written('client.ts', code);
    expect(errorsOf(path)).toEqual([]);
    const { ClinchAdmin } = (await import(/* @vite-ignore */ path)) as GeneratedModule;
    const token = await clinch.adminToken();
    const { admin } = new ClinchAdmin({
      baseUrl: clinch.url,
      baseApiParams: { headers: { authorization: `Bearer ${token}` } },
    });
    const called = (name: string): GeneratedOperation => {
      const operation = admin[name];
      if (operation === undefined) throw new Error(`no ${name} among ${Object.keys(admin).join(', ')}`);
      return operation;
    };
    await useIt(called);
    // A compiler of the whole of it takes its time.
  }, 180_000);
});

/** What an operator's program does first: make, read, change, list, end. */
async function useIt(called: (name: string) => GeneratedOperation): Promise<void> {
  const body = { client_name: 'Generated', redirect_uris: ['https://generated.example/cb'] };
  const keyed = { headers: { 'idempotency-key': 'generated-1' } };
  const made = await called('appsCreate')(body, keyed);
  expect([made.status, made.data['client_name']]).toEqual([201, 'Generated']);
  const again = await called('appsCreate')(body, keyed);
  expect(again.data).toEqual(made.data);
  const id = String(made.data['client_id']);
  const read = await called('appsRead')(id);
  const tag = read.headers.get('etag') ?? '';
  expect(tag).toBe(made.headers.get('etag'));
  const seen = { headers: { 'if-match': tag } };
  const changed = await called('appsChange')(id, { client_name: 'Changed' }, seen);
  expect(changed.data['client_name']).toBe('Changed');
  await expect(called('appsChange')(id, { client_name: 'Lost' }, seen)).rejects.toMatchObject({ status: 412 });
  await called('appsCreate')({ ...body, client_name: 'Another' });
  const query = { sort: '-created_at', enabled: 'true', limit: 1 };
  const page = await called('appsList')(query);
  const next = await called('appsList')({ ...query, cursor: page.data['next_cursor'] });
  expect(namesOf(page).concat(namesOf(next))).toEqual(['Another', 'Changed']);
  expect((await called('appsDelete')(id)).status).toBe(204);
  await expect(called('appsRead')(id)).rejects.toMatchObject({ status: 404 });
}

function namesOf({ data }: GeneratedAnswer): unknown[] {
  return (data['items'] as Record<string, unknown>[]).map(({ client_name }) => client_name);
}

async function written(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** What TypeScript says of it. */
function errorsOf(path: string): string[] {
  const program = ts.createProgram([path], {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
