import type { ExpressionUse } from './expression-outcome.js';
import { MOST_PATTERNS } from './limits.js';
import { networkFault } from './networks.js';
import { ExpressionError } from './problem.js';
import { patternFault } from './regular-expressions.js';
import {
  bindingOf,
  callOf,
  childrenOf,
  identifierOf,
  literalText,
  selectionOf,
  type SyntaxNode,
} from './syntax-tree.js';
import { RECORDS, VARIABLES } from './vocabulary.js';

/**
 * What the engine's check of types leaves open: members behind a question mark or in `has()`, and regular expressions and
 * networks that are written out.
 *
 * @returns what the expression reads, as dotted paths: `user.email`, `user.custom.place`; `user` alone for the whole
 * @throws {ExpressionError}
 */
export function judgeMembers(tree: SyntaxNode, use: ExpressionUse): readonly string[] {
  const reads = new Set<string>();
  new Members(VARIABLES[use], reads).visit(tree, []);
  return [...reads].sort();
}

class Members {
  private patterns = 0;

  constructor(
    private readonly variables: Readonly<Record<string, string>>,
    private readonly reads: Set<string>,
  ) {}

  visit(node: SyntaxNode, bound: readonly string[]): void {
    this.judgeLiterals(node);
    if (selectionOf(node) !== undefined) recordOf(node);
    const path = this.pathOf(node, bound);
    if (path !== undefined) this.reads.add(path.names.join('.'));
    const binding = bindingOf(node);
    if (binding !== undefined) {
      const inside = [...bound, identifierOf(binding.variable) ?? ''];
      for (const child of binding.outside) this.visit(child, bound);
      for (const child of binding.body) this.visit(child, inside);
      return;
    }
    for (const child of path === undefined ? childrenOf(node) : indexesOf(node)) this.visit(child, bound);
  }

  private judgeLiterals(node: SyntaxNode): void {
    const call = callOf(node);
    if (call === undefined) return;
    if (call.name === 'inNetwork') judgeLiteral(call.args[1], networkFault, 'The network');
    const pattern =
      call.name === 'matches' ? call.args.at(-1) : call.name === 'regexReplace' ? call.args[1] : undefined;
    if (literalText(pattern) === undefined) return;
    if ((this.patterns += 1) > MOST_PATTERNS) {
      throw new ExpressionError(`There may be ${MOST_PATTERNS} regular expressions`, node.start, node.end);
    }
    judgeLiteral(pattern, patternFault, 'The regular expression');
  }

  /** `user.custom.place`, for a node that is that from its first name on; `ended` by an index that is not written out. */
  private pathOf(node: SyntaxNode, bound: readonly string[]): { names: string[]; ended: boolean } | undefined {
    const name = identifierOf(node);
    if (name !== undefined) {
      const known = Object.hasOwn(this.variables, name) && !bound.includes(name);
      return known ? { names: [name], ended: false } : undefined;
    }
    const selection = selectionOf(node);
    const path = selection === undefined ? undefined : this.pathOf(selection.of, bound);
    if (selection === undefined || path === undefined || path.ended) return path;
    return selection.name === undefined
      ? { ...path, ended: true }
      : { ...path, names: [...path.names, selection.name] };
  }
}

/** The expressions in the brackets of a path. */
function indexesOf(node: SyntaxNode): readonly SyntaxNode[] {
  const selection = selectionOf(node);
  if (selection === undefined) return [];
  const below = indexesOf(selection.of);
  return selection.name === undefined ? [...below, ...childrenOf(node).slice(1)] : below;
}

/**
 * The record type that a node has, as far as it can be told: for what stands in `has()` the engine has no types.
 *
 * @throws {ExpressionError} for a member that a record does not have
 */
function recordOf(node: SyntaxNode): string | undefined {
  const selection = selectionOf(node);
  const known = recordName(node.checkedType?.name);
  if (selection === undefined) return known;
  const type = recordOf(selection.of);
  if (type === undefined || selection.name === undefined) return known;
  const members = RECORDS[type] ?? {};
  if (Object.hasOwn(members, selection.name)) return recordName(members[selection.name]);
  const start = node.op.startsWith('.') ? node.end - selection.name.length : node.start;
  throw new ExpressionError(`There is no member “${selection.name}”`, start, node.end);
}

function recordName(type: string | undefined): string | undefined {
  const name = /^(?:optional<)?(\w+)>?$/.exec(type ?? '')?.[1];
  return name !== undefined && Object.hasOwn(RECORDS, name) ? name : undefined;
}

function judgeLiteral(
  node: SyntaxNode | undefined,
  faultOf: (text: string) => string | undefined,
  subject: string,
): void {
  const text = literalText(node);
  const fault = text === undefined ? undefined : faultOf(text);
  if (node !== undefined && fault !== undefined) {
    throw new ExpressionError(`${subject} ${fault}`, node.start, node.end);
  }
}
