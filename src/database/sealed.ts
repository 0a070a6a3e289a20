import type { SealedPlace } from '../keyring/keyring.js';

/** A column whose values are sealed by the keyring. */
export interface SealedColumn {
  /** The property of the entity. */
  readonly property: string;
  /** What its places begin with. It is a part of what is sealed, so it never changes, not even with the column's name. */
  readonly prefix: string;
}

const COLUMNS = new WeakMap<object, SealedColumn[]>();

/**
 * Says beside a column that it is sealed. Only what is declared so can be sealed (`sealedPlace`), and all that is declared
 * so is sealed anew after a change of the master key: no column can be forgotten.
 *
 * @param prefix table and column
 */
export function Sealed(prefix: string): PropertyDecorator {
  return (prototype, property) => {
    const entity = prototype.constructor;
    COLUMNS.set(entity, [...(COLUMNS.get(entity) ?? []), { property: String(property), prefix }]);
  };
}

/** What was declared for an entity's class. */
export function sealedColumnsOf(entity: object): readonly SealedColumn[] {
  return COLUMNS.get(entity) ?? [];
}

/**
 * What a value is sealed to: in another row or another column it does not open.
 *
 * @param id of the row
 * @throws {Error} for a column that is not declared as sealed
 */
export function sealedPlace<Entity extends object>(
  entity: new () => Entity,
  property: keyof Entity & string,
  id: string,
): SealedPlace {
  const column = sealedColumnsOf(entity).find((each) => each.property === property);
  if (column === undefined) throw new Error(`${entity.name}.${property} is not declared as sealed`);
  return `${column.prefix}.${id}` as SealedPlace;
}
