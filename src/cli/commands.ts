import { auditVerifyCommand } from './audit-verify.command.js';
import type { Command } from './command.js';
import { keysListCommand } from './keys-list.command.js';
import { keysReencryptCommand } from './keys-reencrypt.command.js';
import { keysRevokeCommand } from './keys-revoke.command.js';
import { keysRotateCommand } from './keys-rotate.command.js';
import { migrateCommand } from './migrate.command.js';

/** All commands, as the list of `npx clinch --help` has them. */
export const COMMANDS: readonly Command[] = [
  migrateCommand,
  keysListCommand,
  keysRotateCommand,
  keysRevokeCommand,
  keysReencryptCommand,
  auditVerifyCommand,
];
