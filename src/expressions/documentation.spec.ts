import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FACTS } from '../../test/support/expression-facts.js';
import type { ExpressionUse } from './expressions.js';
import { variablesOf } from './facts-in.js';
import * as limits from './limits.js';
import { compile, run, type Result } from './program.js';

const DOCUMENT = readFileSync(resolve(import.meta.dirname, '../../docs/expressions.md'), 'utf8');

function sectionOf(title: string): string {
  return DOCUMENT.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? '';
}

/** The cells of the tables of a section that hold code alone. */
function codeRowsOf(title: string): { readonly left: string; readonly right: string }[] {
  const rows = sectionOf(title)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return rows.flatMap((row) => {
    const [left = '', right = ''] = row
      .split(/(?<!\\)\|/)
      .slice(1)
      .map((cell) => cell.trim());
    const code = /^`(.*)`$/.exec(right)?.[1];
    return code === undefined ? [] : [{ left: /^`(.*)`$/.exec(left)?.[1] ?? left, right: code }];
  });
}

function resultOf(text: string, use: ExpressionUse): Result {
  const compilation = compile(text, use);
  if ('problem' in compilation) throw new Error(compilation.problem.message);
  return run(compilation.program, variablesOf(use, FACTS));
}

describe('docs/expressions.md', () => {
  const blocks = [...DOCUMENT.matchAll(/^```cel (\w+)\n([^]*?)\n```$/gm)].map(([, use, text]) => ({ use, text }));

  it('has recipes', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(12);
    expect(codeRowsOf('Functions').length).toBeGreaterThanOrEqual(13);
    expect(codeRowsOf('Coming from IDaaS').length).toBeGreaterThanOrEqual(20);
  });

  it.each(blocks)('shows what can be saved, and has a value: $text', ({ use, text }) => {
    expect(resultOf(text ?? '', use as ExpressionUse)).toHaveProperty('json');
  });

  it.each(codeRowsOf('Functions'))('says what a function gives: $left', ({ left, right }) => {
    const result = resultOf(left, 'claim');
    expect('json' in result ? JSON.parse(result.json) : result).toEqual(JSON.parse(right));
  });

  it.each(codeRowsOf('Coming from IDaaS'))('translates $left into what can be saved: $right', ({ right }) => {
    expect(compile(right, 'claim')).toHaveProperty('program');
  });

  it('names the limits as they are', () => {
    const section = sectionOf('Limits').replaceAll(',', '');
    const { LONGEST_TEXT, MOST_NODES, DEEPEST_TREE, LONGEST_PATTERN, MOST_PATTERNS } = limits;
    const { LONGEST_VALUE, LONGEST_LIST, LARGEST_RESULT, LONGEST_EVALUATION_MS, REST_MS } = limits;
    expect(section).toContain(`${LONGEST_TEXT} characters ${MOST_NODES} parts ${DEEPEST_TREE} levels`);
    expect(section).toContain(`${LONGEST_PATTERN} characters; ${MOST_PATTERNS} of them`);
    expect(section).toContain(`${LONGEST_VALUE} characters ${LONGEST_LIST} elements`);
    expect(section).toContain(`${LARGEST_RESULT} bytes`);
    expect(section).toContain(`${LONGEST_EVALUATION_MS} ms`);
    expect(section).toContain(`${REST_MS / 1_000} seconds`);
  });
});
