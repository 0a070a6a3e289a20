import type { EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';

type Removal = (manager: EntityManager, id: string) => Promise<void>;

/**
 * Rows of other rooms that belong to a thing and go with it, in the transaction that deletes it. Entities know nothing
 * of each other, so each room says which of its rows these are.
 */
export class Belongings {
  private readonly removals: Removal[] = [];

  /**
   * To be called when the application is made.
   *
   * @param whose which rows are those of the thing of that id
   */
  declare<Row extends ObjectLiteral>(entity: EntityTarget<Row>, whose: (id: string) => FindOptionsWhere<Row>): void {
    this.removals.push(async (manager, id) => {
      await manager.delete(entity, whose(id));
    });
  }

  /** One after the other and in the order of their declaration, so that two deletions lock in the same order. */
  async remove(manager: EntityManager, id: string): Promise<void> {
    for (const removal of this.removals) await removal(manager, id);
  }
}
