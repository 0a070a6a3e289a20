export interface Department {
  readonly id: number;
  readonly name: string;
  /** The root has none. */
  readonly parentId?: number;
  readonly order: number;
  readonly managers: readonly string[];
}

export const ROOT_DEPARTMENT = 1;

/** The tree of departments. The root's id is 1; ids below 1 do not exist here, and calls that name one are refused. */
export class Departments {
  readonly #byId = new Map<number, Department>();
  readonly #children = new Map<number, Set<number>>();

  get size(): number {
    return this.#byId.size;
  }

  all(): Department[] {
    return [...this.#byId.values()];
  }

  get(id: number): Department | undefined {
    return this.#byId.get(id);
  }

  /** Adds a department, or puts another version in the place of the one with this id. */
  put(department: Department): Department {
    const before = this.#byId.get(department.id);
    if (before?.parentId !== undefined) this.#children.get(before.parentId)?.delete(before.id);
    this.#byId.set(department.id, department);
    if (department.parentId !== undefined) this.#childrenOf(department.parentId).add(department.id);
    return department;
  }

  remove(id: number): void {
    const department = this.#byId.get(id);
    if (department?.parentId !== undefined) this.#children.get(department.parentId)?.delete(id);
    this.#byId.delete(id);
  }

  /** The departments directly below, by their order values. */
  childrenOf(id: number): Department[] {
    const children = [...(this.#children.get(id) ?? [])].flatMap((child) => this.#byId.get(child) ?? []);
    return children.sort((one, other) => one.order - other.order || one.id - other.id);
  }

  /** The chain from a department up to the root, itself first. An unknown id has an empty chain. */
  chainOf(id: number): number[] {
    const chain: number[] = [];
    let at = this.#byId.get(id);
    while (at && !chain.includes(at.id)) {
      chain.push(at.id);
      at = at.parentId === undefined ? undefined : this.#byId.get(at.parentId);
    }
    return chain;
  }

  /** An id that no department has or had before. */
  nextId(): number {
    return Math.max(...this.#byId.keys(), 1000) + 1;
  }

  #childrenOf(id: number): Set<number> {
    const known = this.#children.get(id);
    if (known) return known;
    const made = new Set<number>();
    this.#children.set(id, made);
    return made;
  }
}
