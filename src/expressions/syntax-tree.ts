import type { ParseResult } from '@marcbachmann/cel-js';

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

/**
 * A node of the engine's tree, with what its declarations leave out. The engine's version is pinned, and the tests of
 * this room fail if a new one is built otherwise.
 */
export interface SyntaxNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
  /** The type that the check found: `name` as it is written, `kind` `message` for a record. */
  readonly checkedType?: { readonly name: string; readonly kind: string };
  readonly meta: { readonly evaluate: Evaluate; readonly alternate?: unknown; readonly macro?: unknown };
  setMeta(key: 'evaluate', value: Evaluate): unknown;
  /** What a call does with its values, set by the check: receiver first where there is one. */
  handle?: unknown;
}

export function treeOf(parsed: ParseResult): SyntaxNode {
  return parsed.ast as unknown as SyntaxNode;
}

/** `f(x)`, or `receiver.f(x)`. */
export interface Call {
  readonly name: string;
  readonly receiver?: SyntaxNode;
  readonly args: readonly SyntaxNode[];
}

export function callOf(node: SyntaxNode): Call | undefined {
  if (node.op === 'call') {
    const [name, args] = node.args as [string, SyntaxNode[]];
    return { name, args };
  }
  if (node.op === 'rcall') {
    const [name, receiver, args] = node.args as [string, SyntaxNode, SyntaxNode[]];
    return { name, receiver, args };
  }
  return undefined;
}

/** `of.name` or `of["name"]`, and the same with a question mark. The name is missing where it is not written out. */
export interface Selection {
  readonly of: SyntaxNode;
  readonly name?: string;
  readonly optional: boolean;
}

export function selectionOf(node: SyntaxNode): Selection | undefined {
  if (node.op === '.' || node.op === '.?') {
    const [of, name] = node.args as [SyntaxNode, string];
    return { of, name, optional: node.op === '.?' };
  }
  if (node.op === '[]' || node.op === '[?]') {
    const [of, index] = node.args as [SyntaxNode, SyntaxNode];
    const name = literalText(index);
    return { of, ...(name !== undefined && { name }), optional: node.op === '[?]' };
  }
  return undefined;
}

export function identifierOf(node: SyntaxNode): string | undefined {
  return node.op === 'id' ? (node.args as string) : undefined;
}

export function literalText(node: SyntaxNode | undefined): string | undefined {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}

const BINARY = new Set(['!=', '==', 'in', '+', '-', '*', '/', '%', '<', '<=', '>', '>=', '||', '&&', '[]', '[?]']);

/** The nodes right below. @throws {Error} for a node that we do not know: what we cannot see, we do not let through */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const call = callOf(node);
  if (call !== undefined) return call.receiver === undefined ? call.args : [call.receiver, ...call.args];
  if (BINARY.has(node.op) || node.op === 'list' || node.op === '?:') return node.args as SyntaxNode[];
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [(node.args as [SyntaxNode, string])[0]];
    case '!_':
    case '-_':
      return [node.args as SyntaxNode];
    case 'map':
      return (node.args as [SyntaxNode, SyntaxNode][]).flat();
    default:
      throw new Error(`unknown node ${node.op}`);
  }
}

const LOOPS = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

/** A loop, or `cel.bind`: `body` is evaluated with a variable of its own. */
export interface Binding {
  readonly variable: SyntaxNode;
  /** What is evaluated outside it. */
  readonly outside: readonly SyntaxNode[];
  readonly body: readonly SyntaxNode[];
}

export function bindingOf(node: SyntaxNode): Binding | undefined {
  const call = callOf(node);
  if (call?.receiver === undefined) return undefined;
  const [variable, ...rest] = call.args;
  if (variable === undefined) return undefined;
  if (LOOPS.has(call.name) && node.meta.alternate !== undefined) {
    return { variable, outside: [call.receiver], body: rest };
  }
  // The value of `cel.bind` counts as its body: values in values double as bodies in bodies do.
  if (call.name === 'bind' && node.meta.macro !== undefined) return { variable, outside: [], body: rest };
  return undefined;
}
