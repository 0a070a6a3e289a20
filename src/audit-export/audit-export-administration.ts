import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, MoreThan, Repository } from 'typeorm';
import type { PageRequest } from '../admin/list-page.js';
import { Problem, type FieldProblem } from '../admin/problem.js';
import { useKey } from '../admin/request-terms.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { changesBetween } from '../audit/changes.js';
import { AuditChain } from '../audit-trail/audit-chain.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { Keyring } from '../keyring/keyring.js';
import { destinationFault } from '../outbound/destination.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import type { AuditExportChanges, NewAuditExport } from './audit-export.dto.js';
import { AuditExportEntity } from './audit-export.entity.js';
import { shownAddress, streamAddress } from './export-address.js';
import { secretPlace } from './export-sender.js';

/** Destinations that there may be. */
const MOST = 20;

/** What an administrator can do with destinations. */
@Injectable()
export class AuditExportAdministration {
  constructor(
    @InjectRepository(AuditExportEntity) private readonly repository: Repository<AuditExportEntity>,
    private readonly chain: AuditChain,
    private readonly keyring: Keyring,
    private readonly config: ClinchConfig,
    private readonly audit: AuditLog,
  ) {}

  async list({ limit, after }: PageRequest): Promise<AuditExportEntity[]> {
    return this.repository.find({
      ...(after === undefined ? {} : { where: { id: MoreThan(after) } }),
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  /** @throws {Problem} not-found */
  async find(id: string): Promise<AuditExportEntity> {
    const found = /^[\w-]{1,64}$/.test(id) ? await this.repository.findOneBy({ id }) : null;
    if (found === null) throw Problem.notFound('audit export');
    return found;
  }

  /** @throws {Problem} when it is not acceptable, or there are too many */
  async create({ kind, ...fields }: NewAuditExport, actor: Actor): Promise<AuditExportEntity> {
    if (kind === undefined) throw Problem.ofFields([{ field: 'kind', problem: 'is required' }]);
    const now = new Date();
    const id = newIdentifier();
    const made = Object.assign(new AuditExportEntity(), {
      id,
      kind,
      name: '',
      address: '',
      format: 'json',
      secret: null,
      enabled: true,
      position: (await this.chain.state()).lastSeq,
      failures: 0,
      nextAttemptAt: null,
      lastSentAt: null,
      lastError: null,
      createdAt: now,
      updatedAt: now,
      ...this.columnsOf(id, fields),
    } satisfies AuditExportEntity);
    this.judge(made);
    if ((await this.repository.count()) >= MOST)
      throw new Problem('conflict', `There are ${MOST} audit exports already.`);
    const details = { destination: id, ...changesBetween(undefined, tellable(made)) };
    await this.repository.manager.transaction(async (manager) => {
      await useKey(manager, actor);
      await manager.insert(AuditExportEntity, made);
      await this.audit.recordIn(manager, 'audit_export.created', actor, details);
    });
    return made;
  }

  /** Changes the fields that were sent. */
  async change(id: string, fields: AuditExportChanges, actor: Actor): Promise<AuditExportEntity> {
    const old = await this.find(id);
    // Whoever sends back what was read means the same address.
    if (fields.address === shownAddress(old.address)) fields = Object.assign({}, fields, { address: old.address });
    // What was sent to the old address was signed with the secret that its owner knows.
    const moved = fields.address !== undefined && fields.address !== old.address;
    if (moved && old.kind === 'webhook' && fields.secret === undefined) {
      throw Problem.ofFields([{ field: 'secret', problem: 'must be sent again with another address' }]);
    }
    const afresh = { failures: 0, nextAttemptAt: null, lastError: null, updatedAt: new Date() };
    const columns = { ...this.columnsOf(id, fields), ...afresh };
    const next = Object.assign(new AuditExportEntity(), old, columns);
    this.judge(next);
    const skips = fields.position !== undefined;
    if (skips) await this.judgeSkip(old, next);
    const told = (each: AuditExportEntity) => ({ ...tellable(each), ...(skips ? { position: each.position } : {}) });
    const details = { destination: id, fields: Object.keys(fields), ...changesBetween(told(old), told(next)) };
    // Events may have arrived in the meantime: it never goes back.
    const where = skips ? { id, position: LessThanOrEqual(next.position) } : { id };
    await this.repository.manager.transaction(async (manager) => {
      if ((await manager.update(AuditExportEntity, where, columns)).affected !== 1)
        throw Problem.notFound('audit export');
      await this.audit.recordIn(manager, 'audit_export.changed', actor, details);
    });
    return next;
  }

  async delete(id: string, actor: Actor): Promise<void> {
    const details = { destination: id, ...changesBetween(tellable(await this.find(id)), undefined) };
    await this.repository.manager.transaction(async (manager) => {
      if ((await manager.delete(AuditExportEntity, { id })).affected !== 1) throw Problem.notFound('audit export');
      await this.audit.recordIn(manager, 'audit_export.deleted', actor, details);
    });
  }

  private columnsOf(id: string, { secret, ...plain }: AuditExportChanges): Partial<AuditExportEntity> {
    const sent = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
    return secret === undefined ? sent : { ...sent, secret: this.keyring.seal(secretPlace(id), secret) };
  }

  /** @throws {Problem} for a place that it is beyond, or that the chain has not come to */
  private async judgeSkip(old: AuditExportEntity, { position }: AuditExportEntity): Promise<void> {
    const { lastSeq } = await this.chain.state();
    if (position >= old.position && position <= lastSeq) return;
    throw Problem.ofFields([{ field: 'position', problem: `must be between ${old.position} and ${lastSeq}` }]);
  }

  /** @throws {Problem} */
  private judge({ kind, name, address, secret }: AuditExportEntity): void {
    const errors: FieldProblem[] = [];
    if (name === '') errors.push({ field: 'name', problem: 'is required' });
    if (address === '') errors.push({ field: 'address', problem: 'is required' });
    else if (kind === 'syslog') {
      if (streamAddress(address) === undefined)
        errors.push({ field: 'address', problem: 'must be tls://HOST:PORT or tcp://HOST:PORT, with a port for logs' });
    } else {
      const fault = destinationFault(address, this.config);
      if (fault !== undefined) errors.push({ field: 'address', problem: fault });
      if (secret === null) errors.push({ field: 'secret', problem: 'is required: the bodies are signed with it' });
    }
    if (errors.length > 0) throw Problem.ofFields(errors);
  }
}

/** Without what moves by itself. */
function tellable({ name, kind, address, format, secret, enabled }: AuditExportEntity): object {
  return { name, kind, address: shownAddress(address), format, secret, enabled };
}
