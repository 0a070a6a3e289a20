/** The folder that holds PostgreSQL's initdb, pg_ctl and postgres, or undefined. */
export function findPostgres(): string | undefined;

/** A Chromium or Chrome that starts, or undefined. `CHROMIUM_PATH` names one that lies elsewhere. */
export function findChromium(): string | undefined;

/** A program of Debian's, installed where apt-get may be used. */
export function getProgram(name: string, debianPackage: string): Promise<{ path?: string; missing?: string }>;
