#!/usr/bin/env node
// Makes a PostgreSQL database of Clinch as large as that of a large organisation, in minutes: copies of a person, of the
// apps and of a refresh token that are there already. For measuring only.
import { parseArgs } from 'node:util';
import { multiply } from './lib/growth/multiply.mjs';

const HELP = `node bench/seed.mjs --url postgres://… [options]
  --people N           1000000
  --apps N             100000
  --refresh-tokens N   5000000
The database needs one person with a password, one app and one refresh token at least; everything is a copy of those.`;

const text = { type: /** @type {const} */ ('string') };
const { values } = parseArgs({
  options: { url: text, people: text, apps: text, 'refresh-tokens': text, help: { type: 'boolean' } },
});
const sizes = {
  people: Number(values.people ?? 1_000_000),
  apps: Number(values.apps ?? 100_000),
  refreshTokens: Number(values['refresh-tokens'] ?? 5_000_000),
};
const faulty = values.url === undefined || Object.values(sizes).some((size) => !Number.isInteger(size) || size < 0);
if (values.help || faulty) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}
const begun = Date.now();
try {
  await multiply(values.url, sizes, { say: (line) => console.error(`seed: ${line}`) });
  console.error(`seed: done in ${Math.round((Date.now() - begun) / 1000)} s`);
} catch (error) {
  console.error(`seed: ${error.message}`);
  process.exitCode = 1;
}
