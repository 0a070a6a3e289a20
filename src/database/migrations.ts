import { CreateAccounts1763700000000 } from './migrations/1763700000000-create-accounts.js';
import { CreateClients1763700001000 } from './migrations/1763700001000-create-clients.js';
import { CreateSigningKeys1763700002000 } from './migrations/1763700002000-create-signing-keys.js';
import { CreateSignIn1763700003000 } from './migrations/1763700003000-create-sign-in.js';
import { CreateGrants1763700004000 } from './migrations/1763700004000-create-grants.js';
import { CreateIdentitySources1763700005000 } from './migrations/1763700005000-create-identity-sources.js';
import { CreateDirectory1763700006000 } from './migrations/1763700006000-create-directory.js';
import { CreateSignInWays1763700007000 } from './migrations/1763700007000-create-sign-in-ways.js';
import { CreateDirectoryEvents1763700008000 } from './migrations/1763700008000-create-directory-events.js';
import { CreateConsole1763700009000 } from './migrations/1763700009000-create-console.js';
import { CreateAccess1763700010000 } from './migrations/1763700010000-create-access.js';
import { CreateSignOut1763700011000 } from './migrations/1763700011000-create-sign-out.js';
import { CreateLeases1763700012000 } from './migrations/1763700012000-create-leases.js';
import { CreateKeySchedule1763700013000 } from './migrations/1763700013000-create-key-schedule.js';
import { CreateAdminApi1763700014000 } from './migrations/1763700014000-create-admin-api.js';
import { CreateAudit1763700015000 } from './migrations/1763700015000-create-audit.js';
import { CreateAppTemplates1763700016000 } from './migrations/1763700016000-create-app-templates.js';

/** All migrations, oldest first. One set for every database: see `migrations/table-builder.ts` for the portable types. */
export const MIGRATIONS = [
  CreateAccounts1763700000000,
  CreateClients1763700001000,
  CreateSigningKeys1763700002000,
  CreateSignIn1763700003000,
  CreateGrants1763700004000,
  CreateIdentitySources1763700005000,
  CreateDirectory1763700006000,
  CreateSignInWays1763700007000,
  CreateDirectoryEvents1763700008000,
  CreateConsole1763700009000,
  CreateAccess1763700010000,
  CreateSignOut1763700011000,
  CreateLeases1763700012000,
  CreateKeySchedule1763700013000,
  CreateAdminApi1763700014000,
  CreateAudit1763700015000,
  CreateAppTemplates1763700016000,
];
