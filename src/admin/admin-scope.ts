/** The scope that opens the whole admin API. */
export const ADMIN_SCOPE = 'clinch:admin';

/** What the scopes of the admin API begin with, and no other scope does. */
export const ADMIN_SCOPE_PREFIX = 'clinch:';
