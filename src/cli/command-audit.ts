import { hostname, userInfo } from 'node:os';
import type { EntityManager } from 'typeorm';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import type { AuditEvent } from '../audit/audit-event.js';

/** The trail of what is done by command: who did it is not signed in here, but is somebody on some machine. */
export class CommandAudit extends AuditLog {
  private readonly via = `command line, ${userName()}@${hostname()}`;

  override record(event: AuditEvent, actor: Actor, details: Readonly<Record<string, unknown>> = {}): void {
    super.record(event, actor, { ...details, via: this.via });
  }

  override async recordIn(
    manager: EntityManager,
    event: AuditEvent,
    actor: Actor,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await super.recordIn(manager, event, actor, { ...details, via: this.via });
  }
}

/** In a container the user may have a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
