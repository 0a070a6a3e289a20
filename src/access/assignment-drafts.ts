import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { Problem, type FieldProblem } from '../admin/problem.js';
import { AppRoles } from './app-roles.js';
import { AssignmentEntity } from './assignment.entity.js';
import type { NewAssignment } from './assignment.dto.js';
import type { DraftAssignment } from './assignment-lookup.js';
import type { DraftAssignments } from './preview.dto.js';
import { subjectKey, SubjectNames, type Subject } from './subject-names.js';

/** How assignments would differ. */
export interface Drafted {
  readonly added: readonly DraftAssignment[];
  /** Ids. */
  readonly removed: ReadonlySet<string>;
}

/** Reads assignments that are only thought of, by the rules for those that are made. */
@Injectable()
export class AssignmentDrafts {
  constructor(
    @InjectRepository(AssignmentEntity) private readonly repository: Repository<AssignmentEntity>,
    private readonly roles: AppRoles,
    private readonly names: SubjectNames,
  ) {}

  /** @throws {Problem} with what there is not, by field */
  async read(clientId: string, { add = [], remove = [] }: DraftAssignments): Promise<Drafted> {
    const errors = [...(await this.unknownSubjects(add)), ...(await this.unknownAssignments(clientId, remove))];
    const roles = new Map((await this.roles.of(clientId)).map(({ id, name }) => [name, id]));
    const added = add.map((draft, index) => {
      const roleId = typeof draft.role === 'string' ? roles.get(draft.role) : '';
      if (roleId === undefined)
        errors.push({ field: `assignments.add.${index}.role`, problem: 'is no role of this app' });
      return drafted(draft, index, roleId ?? '');
    });
    if (errors.length > 0) throw Problem.ofFields(errors);
    return { added, removed: new Set(remove) };
  }

  private async unknownSubjects(add: readonly NewAssignment[]): Promise<FieldProblem[]> {
    const subjects = add.map((draft): Partial<Subject> | undefined => draft.subject);
    const names = await this.names.of(subjects.filter(isWhole));
    return subjects.flatMap((subject, index) => {
      const field = `assignments.add.${index}.subject`;
      if (!isWhole(subject)) return [{ field, problem: 'needs a type and an id' }];
      return names.has(subjectKey(subject)) ? [] : [{ field: `${field}.id`, problem: `is no ${subject.type} here` }];
    });
  }

  private async unknownAssignments(clientId: string, ids: readonly string[]): Promise<FieldProblem[]> {
    if (ids.length === 0) return [];
    const asked = ids.filter((id) => /^[A-Za-z0-9_-]{1,64}$/.test(id));
    const rows = await this.repository.find({ where: { clientId, id: In(asked) }, select: { id: true } });
    const known = new Set(rows.map(({ id }) => id));
    return ids.flatMap((id, index) =>
      known.has(id) ? [] : [{ field: `assignments.remove.${index}`, problem: 'is no assignment of this app' }],
    );
  }
}

function isWhole(subject: Partial<Subject> | undefined): subject is Subject {
  return subject?.type !== undefined && subject.id !== undefined;
}

function drafted(draft: NewAssignment, index: number, roleId: string): DraftAssignment {
  const { subject, include_descendants: includeDescendants = true, enabled = true, ends_at: endsAt } = draft;
  return {
    id: `draft.${index}`,
    subject,
    includeDescendants,
    roleId,
    enabled,
    endsAt: typeof endsAt === 'string' ? new Date(endsAt) : null,
  };
}
