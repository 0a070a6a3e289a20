export const KEPT_OUTSIDE: readonly string[];
