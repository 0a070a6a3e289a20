/** Where somebody changes what they may say of themselves, below the issuer. */
export const PROFILE_EDIT_PATH = '/account/edit';
