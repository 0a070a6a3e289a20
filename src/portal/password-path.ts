/** Where somebody changes their password, below the issuer. */
export const PASSWORD_PATH = '/account/password';
