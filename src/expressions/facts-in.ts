import type { ExpressionFacts } from './expression-facts.js';
import type { ExpressionUse } from './expression-outcome.js';
import { MOST_FACTS } from './limits.js';
import { RECORD_CLASSES, RECORDS, TIMESTAMP, VARIABLES, type FactRecord } from './vocabulary.js';

const LIST = /^list<(\w+)>$/;
const MAP = /^map<string, (\w+)>$/;

/** Maps that are always there: nobody should have to ask whether there is one before asking what is in it. */
const EMPTY: Readonly<Record<string, () => unknown>> = { custom: () => new Map(), identities: () => new Map() };

/** The variables of a use, in the engine's own types. What a fact has no value for is absent. */
export function variablesOf(use: ExpressionUse, facts: ExpressionFacts): ReadonlyMap<string, unknown> {
  const variables = new Map<string, unknown>();
  for (const [name, type] of Object.entries(VARIABLES[use])) {
    const value = valueOf(type, memberOf(facts, name));
    if (value !== undefined) variables.set(name, value);
  }
  return variables;
}

function valueOf(type: string, fact: unknown): unknown {
  const elements = LIST.exec(type)?.[1];
  if (elements !== undefined) return Array.isArray(fact) ? listOf(elements, fact) : [];
  const values = MAP.exec(type)?.[1];
  if (values !== undefined && isObject(fact)) return mapOf(fact, (value) => valueOf(values, value));
  if (values !== undefined || fact === undefined || fact === null) return undefined;
  if (type === 'dyn') return jsonValue(fact);
  if (type === TIMESTAMP) return fact instanceof Date && !Number.isNaN(fact.getTime()) ? fact : undefined;
  return RECORDS[type] === undefined ? fact : recordOf(type, fact);
}

function listOf(type: string, facts: readonly unknown[]): unknown[] {
  return presentOf(facts.slice(0, MOST_FACTS).map((each) => valueOf(type, each)));
}

function recordOf(type: string, fact: unknown): FactRecord | undefined {
  const RecordClass = RECORD_CLASSES.get(type);
  if (RecordClass === undefined) return undefined;
  const record = new RecordClass();
  for (const [name, memberType] of Object.entries(RECORDS[type] ?? {})) {
    const value = valueOf(memberType, memberOf(fact, name)) ?? EMPTY[name]?.();
    if (value !== undefined) record.set(name, value);
  }
  return record;
}

function mapOf(fact: object, convert: (value: unknown) => unknown): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (const [name, value] of Object.entries(fact)) {
    const converted = convert(value);
    if (converted !== undefined) map.set(name, converted);
  }
  return map;
}

/** JSON in the engine's types: whole numbers are ints there. A member that is null has no value; null in a list stays. */
function jsonValue(fact: unknown): unknown {
  if (typeof fact === 'number') return Number.isSafeInteger(fact) ? BigInt(fact) : fact;
  if (Array.isArray(fact)) return fact.map((each) => (each === null ? null : jsonValue(each)));
  if (!isObject(fact)) return fact;
  return mapOf(fact, (value) => (value === null || value === undefined ? undefined : jsonValue(value)));
}

function memberOf(fact: unknown, name: string): unknown {
  return isObject(fact) && Object.hasOwn(fact, name) ? fact[name] : undefined;
}

function isObject(fact: unknown): fact is Readonly<Record<string, unknown>> {
  return typeof fact === 'object' && fact !== null;
}

function presentOf(values: readonly unknown[]): unknown[] {
  return values.filter((value) => value !== undefined);
}
