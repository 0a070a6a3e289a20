import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { AdminActor } from '../admin/admin-actor.js';
import { AppProtection } from '../app-registry/app-protection.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import { GroupProtection } from '../groups/group-protection.js';
import { AssignmentEntity } from './assignment.entity.js';

/** Whoever changes a group that is assigned to an app changes who enters it, and needs the rights for that. */
@Injectable()
export class GroupGuard implements OnModuleInit {
  constructor(
    @InjectRepository(AssignmentEntity) private readonly assignments: Repository<AssignmentEntity>,
    private readonly registry: ClientRegistry,
    private readonly protection: AppProtection,
    private readonly groups: GroupProtection,
  ) {}

  onModuleInit(): void {
    this.groups.declare(async (groupId, actor) => this.refuse(groupId, actor));
  }

  /** By every assignment, also one that is switched off or has ended: it may count again. */
  private async refuse(subjectId: string, actor: AdminActor): Promise<void> {
    const rows = await this.assignments.find({
      where: { subjectType: 'group', subjectId },
      select: { clientId: true },
    });
    const ids = [...new Set(rows.map(({ clientId }) => clientId))];
    const apps = await Promise.all(ids.map(async (id) => this.registry.find(id)));
    await this.protection.refuseEscalation(actor, ...apps.flatMap((app) => (app === undefined ? [] : [app.metadata])));
  }
}
