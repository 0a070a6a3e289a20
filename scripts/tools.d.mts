/** The folder that holds PostgreSQL's initdb, pg_ctl and postgres, or undefined. */
export function findPostgres(): string | undefined;

/** A Chromium or Chrome that starts, or undefined. `CHROMIUM_PATH` names one that lies elsewhere. */
export function findChromium(): string | undefined;
