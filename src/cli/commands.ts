import { auditVerifyCommand } from './audit-verify.command.js';
import type { Command } from './command.js';
import { migrateCommand } from './migrate.command.js';

/** All commands, as the list of `npx clinch --help` has them. */
export const COMMANDS: readonly Command[] = [migrateCommand, auditVerifyCommand];
