import type { FederationMessages } from './messages.federation.js';

const REPORT = 'Send the trace ID below to your administrator.';

export const federationEn: FederationMessages = {
  heading: 'Choose a role',
  documentTitle: (app) => `Choose a role · ${app}`,
  question: (app) => `You have several roles in ${app}. Which one do you want to use now?`,
  again: 'Try again',
  otherRole: 'Choose another role',
  failures: {
    trust_policy: (app, role) => ({
      title: "This role doesn't let you in",
      explanation: `You are signed in, but the trust policy of the role “${role}” in ${app} doesn't allow you to take it.`,
      advice: `Whoever administers ${app} has to change the role's trust policy. ${REPORT}`,
    }),
    unknown_provider: (app) => ({
      title: "This sign-in service isn't trusted there yet",
      explanation: `${app} has no identity provider registered for this sign-in service.`,
      advice: `Whoever administers ${app} has to create the identity provider, or check its name. ${REPORT}`,
    }),
    unknown_role: (app, role) => ({
      title: "There's no such role",
      explanation: `${app} has no role “${role}”. It may have been deleted or renamed.`,
      advice: `Whoever administers ${app} has to check the role's name. ${REPORT}`,
    }),
    audience_refused: (app) => ({
      title: "This app isn't accepted there",
      explanation: `The client ID of this app isn't among those that the identity provider in ${app} accepts.`,
      advice: `Whoever administers ${app} has to add the client ID to the identity provider. ${REPORT}`,
    }),
    issuer_refused: (app) => ({
      title: "The sign-in service's address doesn't match",
      explanation: `${app} knows this sign-in service by another address.`,
      advice: `Whoever administers ${app} has to check the issuer URL; it must match to the letter. ${REPORT}`,
    }),
    token_expired: (app) => ({
      title: 'The proof of your sign-in had expired',
      explanation: `${app} says that the proof of your sign-in is too old.`,
      advice: `Try again. If it happens again, a server's clock may be wrong. ${REPORT}`,
    }),
    signature_refused: (app) => ({
      title: "The proof of your sign-in couldn't be verified",
      explanation: `${app} couldn't verify this service's signature. If the signing key was just replaced, it may still hold the old one.`,
      advice: `Try again in a few minutes. If it happens again: ${lower(REPORT)}`,
    }),
    token_refused: (app) => ({
      title: "The proof of your sign-in wasn't accepted",
      explanation: `${app} doesn't understand the proof of your sign-in.`,
      advice: `An administrator has to check this app's settings. ${REPORT}`,
    }),
    issuer_unreachable: (app) => ({
      title: "It can't reach this sign-in service",
      explanation: `${app} has to reach this sign-in service over the internet to check your sign-in, and couldn't.`,
      advice: `Try again later. If it happens again, this service may not be open to the internet. ${REPORT}`,
    }),
    certificate_refused: (app) => ({
      title: "This sign-in service's certificate isn't trusted",
      explanation: `${app} doesn't accept the HTTPS certificate of this sign-in service.`,
      advice: `An administrator has to check that the certificate chain is complete and valid. ${REPORT}`,
    }),
    thumbprint_mismatch: (app) => ({
      title: "The certificate's thumbprint doesn't match",
      explanation: `${app} expects another certificate of this sign-in service than it has now. It may just have been renewed.`,
      advice: `Whoever administers ${app} has to update the thumbprint of the identity provider. ${REPORT}`,
    }),
    throttled: (app) => ({
      title: 'It is busy right now',
      explanation: `${app} had too many requests and didn't handle this one.`,
      advice: 'Wait a moment and try again.',
    }),
    session_refused: (app, role) => ({
      title: "The console didn't open",
      explanation: `You were given the role “${role}” in ${app}, but no session in the browser came of it.`,
      advice: `Try again. If it happens again: ${lower(REPORT)}`,
    }),
    session_too_long: (app, role) => ({
      title: 'The session would be too long',
      explanation: `The role “${role}” in ${app} doesn't allow sessions as long as this app asks for.`,
      advice: `An administrator has to ask for a shorter session, or allow longer ones for the role. ${REPORT}`,
    }),
    timeout: (app) => ({
      title: 'It took too long to answer',
      explanation: `${app} didn't answer in time. This isn't your fault.`,
      advice: `Try again later. If it happens again: ${lower(REPORT)}`,
    }),
    unreachable: (app) => ({
      title: "It can't be reached",
      explanation: `This sign-in service can't reach ${app} right now. This isn't your fault.`,
      advice: `Try again later. If it happens again, the server's network has to be checked. ${REPORT}`,
    }),
    unexpected: (app) => ({
      title: 'It gave an answer that nobody expected',
      explanation: `${app} didn't let you in, for a reason that isn't known here.`,
      advice: `Try again later. If it happens again: ${lower(REPORT)}`,
    }),
    no_identity: (app) => ({
      title: 'Something about you is missing',
      explanation: `${app} knows people by something that your account doesn't have.`,
      advice: `An administrator has to complete your account, or change the app's settings. ${REPORT}`,
    }),
  },
};

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
