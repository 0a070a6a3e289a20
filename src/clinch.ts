#!/usr/bin/env node
import 'reflect-metadata';
import { COMMANDS } from './cli/commands.js';
import { runCommand } from './cli/run-command.js';

// `npx clinch COMMAND`: what operators do beside the running server.
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort());
process.exitCode = await runCommand(
  COMMANDS,
  process.argv.slice(2),
  process.env,
  { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
  ending.signal,
);
