import { LONGEST_DURATION, OVERRIDES, refuse } from './functions.js';
import { meter } from './meter.js';
import { callOf, childrenOf, type SyntaxNode } from './syntax-tree.js';

type Handle = (...values: unknown[]) => unknown;

/** What these give was made for them, and is weighed. */
const MAKERS = new Set(['+', 'list', 'map', 'call', 'rcall']);
/** A time in a zone other than UTC is written out and read again by the engine, which is slow. */
const ZONED_WORK = 2_000;

/**
 * Puts the meter and our own functions into a tree that was checked, node by node: every loop evaluates a node of the
 * text each time around. There is no way past it, because a tree with a node that we do not know is refused.
 */
export function fence(node: SyntaxNode): void {
  for (const child of childrenOf(node)) fence(child);
  // Loops and `has()` are evaluated by what they were expanded to, and that by the nodes below.
  if (node.meta.alternate !== undefined || node.meta.macro !== undefined) return;
  replaceHandle(node);
  const { evaluate } = node.meta;
  if (!MAKERS.has(node.op)) {
    node.setMeta('evaluate', (evaluator, self, context) => {
      meter.spend(1);
      return evaluate(evaluator, self, context);
    });
    return;
  }
  const work = isZoned(node) ? ZONED_WORK : 1;
  node.setMeta('evaluate', (evaluator, self, context) => {
    meter.spend(work);
    return weighed(evaluate(evaluator, self, context));
  });
}

function replaceHandle(node: SyntaxNode): void {
  const handle = node.handle as Handle;
  const call = callOf(node);
  if (call !== undefined) {
    const name = `${node.op} ${call.name} ${call.args.length}`;
    const override = OVERRIDES.get(name);
    if (override !== undefined) node.handle = (values: readonly unknown[]) => override(...values);
    if (name === 'call duration 1') {
      node.handle = (values: readonly unknown[], ...rest: unknown[]) => {
        if (String(values[0]).length > LONGEST_DURATION) refuse('duration() takes a text such as 1h30m');
        return handle(values, ...rest);
      };
    }
  }
  if (node.op === '[]' || node.op === '[?]') {
    node.handle = (of: unknown, index: unknown, ...rest: unknown[]) => handle(of, keyOf(index), ...rest);
  }
  if (node.op === 'in') {
    node.handle = (sought: unknown, where: unknown, ...rest: unknown[]) => {
      // A list is no key, and must not be written out as one.
      if (isCompound(sought) && !Array.isArray(where)) return false;
      meter.spend(Array.isArray(where) ? where.length >> 3 : 0);
      return handle(sought, where, ...rest);
    };
  }
}

/** Lists and maps as keys would be written out as text, which for some takes for ever. */
function keyOf(index: unknown): unknown {
  return isCompound(index) ? refuse('An index is a number or a text') : index;
}

function isCompound(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function weighed(value: unknown): unknown {
  if (typeof value === 'string' || value instanceof Uint8Array) meter.makeText(value.length);
  else if (Array.isArray(value)) meter.makeList(value.length);
  return value;
}

function isZoned(node: SyntaxNode): boolean {
  const call = callOf(node);
  return call?.receiver !== undefined && call.args.length === 1 && /^get[A-Z]/.test(call.name);
}
