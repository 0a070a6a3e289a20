// Whole sign-ins, each in a fresh cookie jar, with the password check.

/** @type {import('./index.mjs').Workload} */
export const login = {
  title: 'sign-in with a password, no consent page, and the code exchange',
  run: async (user) => {
    user.browser.forget();
    await user.codeFlow({ person: user.nextPerson() });
  },
};

/** @type {import('./index.mjs').Workload} */
export const loginConsent = {
  title: 'the same with the consent page (`prompt=consent`)',
  run: async (user) => {
    user.browser.forget();
    await user.codeFlow({ person: user.nextPerson(), prompt: 'consent' });
  },
};
