/** The scope that opens the whole admin API. */
export const ADMIN_SCOPE = 'clinch:admin';
