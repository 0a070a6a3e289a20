import { Environment } from '@marcbachmann/cel-js';
import type { ExpressionUse } from './expression-outcome.js';
import { addFunctions } from './functions.js';
import { MOST_NODES } from './limits.js';
import { RECORD_CLASSES, RECORDS, VARIABLES } from './vocabulary.js';

const environments = new Map<ExpressionUse, Environment>();

/** The names and types that expressions of a use have. Made when first asked for. */
export function environmentOf(use: ExpressionUse): Environment {
  const known = environments.get(use);
  if (known !== undefined) return known;
  const made = makeEnvironment(use);
  environments.set(use, made);
  return made;
}

function makeEnvironment(use: ExpressionUse): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    unlistedVariablesAreDyn: false,
    limits: {
      maxAstNodes: MOST_NODES * 2,
      maxDepth: 64,
      maxListElements: 256,
      maxMapEntries: 256,
      maxCallArguments: 8,
    },
  });
  for (const [name, fields] of Object.entries(RECORDS)) {
    const ctor = RECORD_CLASSES.get(name);
    if (ctor !== undefined) environment.registerType(name, { ctor, fields: { ...fields } });
  }
  addFunctions(environment);
  for (const [name, type] of Object.entries(VARIABLES[use])) environment.registerVariable(name, type);
  return environment;
}
