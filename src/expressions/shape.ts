import type { ExpressionUse } from './expression-outcome.js';
import { DEEPEST_LOOPS, DEEPEST_TREE, MOST_NODES } from './limits.js';
import { ExpressionError } from './problem.js';
import { bindingOf, callOf, childrenOf, identifierOf, selectionOf, type SyntaxNode } from './syntax-tree.js';
import { VARIABLES } from './vocabulary.js';

/**
 * What is asked of the tree before its types are: size, depth, loops in loops. The types of a small expression can be
 * made to double with every step, so the check of types must not come first.
 *
 * @throws {ExpressionError}
 */
export function judgeShape(tree: SyntaxNode, use: ExpressionUse): void {
  new Shape(Object.keys(VARIABLES[use])).visit(tree, { depth: 1, loops: 0, bound: [] });
}

interface Place {
  readonly depth: number;
  readonly loops: number;
  /** The variables of the loops around. */
  readonly bound: readonly string[];
}

class Shape {
  private nodes = 0;

  constructor(private readonly variables: readonly string[]) {}

  visit(node: SyntaxNode, place: Place): void {
    if ((this.nodes += 1) > MOST_NODES) refuse(node, `An expression may have ${MOST_NODES} parts`);
    if (place.depth > DEEPEST_TREE) refuse(node, `An expression may be ${DEEPEST_TREE} levels deep`);
    if (node.op === 'map') this.judgeKeys(node, place);
    const binding = bindingOf(node);
    const below = { ...place, depth: place.depth + 1 };
    if (binding === undefined) {
      for (const child of childrenOf(node)) this.visit(child, below);
      return;
    }
    const name = this.variableOf(binding.variable);
    for (const child of binding.outside) this.visit(child, below);
    const inside = { ...below, loops: place.loops + 1, bound: [...place.bound, name] };
    if (inside.loops > DEEPEST_LOOPS) {
      refuse(node, `Loops (map, filter, all, exists, exists_one, cel.bind) may stand ${DEEPEST_LOOPS} deep`);
    }
    for (const child of binding.body) this.visit(child, inside);
  }

  /** The loop's own variable. One that hid `user` would mislead whoever reads the expression, and our own check. */
  private variableOf(node: SyntaxNode): string {
    const name = identifierOf(node);
    if (name === undefined) return refuse(node, 'The first argument is the name of a variable');
    if (this.variables.includes(name) || ['cel', 'optional'].includes(name)) {
      refuse(node, `“${name}” has a meaning of its own: give the variable another name`);
    }
    return name;
  }

  /**
   * Keys are written out, or members of a variable such as `app.id`. A map whose keys are what the loop before made has
   * a type twice as long as that, and so has the next one.
   */
  private judgeKeys(node: SyntaxNode, place: Place): void {
    for (const [key] of node.args as [SyntaxNode, SyntaxNode][]) {
      if (key.op === 'value' || this.isMember(key, place)) continue;
      refuse(key, 'A key of a map is a text, or a member of a variable such as app.id');
    }
  }

  private isMember(node: SyntaxNode, place: Place): boolean {
    const selection = selectionOf(node);
    if (selection === undefined) return false;
    const name = identifierOf(selection.of);
    if (name === undefined) return this.isMember(selection.of, place);
    return this.variables.includes(name) && !place.bound.includes(name) && callOf(node) === undefined;
  }
}

function refuse(node: SyntaxNode, message: string): never {
  throw new ExpressionError(message, node.start, node.end);
}
