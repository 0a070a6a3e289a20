/**
 * Packages that are not in the bundle of the server, dist/server/, and have to lie beside it: native code, packages that
 * read files beside themselves, and those that Nest or TypeORM load by name while they run: of these a second copy would be
 * in the bundle, and what we set on one the other would not know.
 */
export const KEPT_OUTSIDE = [
  'better-sqlite3',
  '@node-rs/argon2',
  'swagger-ui-dist',
  'pg',
  'class-validator',
  'class-transformer',
];
