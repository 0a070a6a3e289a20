import type { FederationFailureWords } from './timeline-words.js';
import { more } from './timeline-more.js';

/** Why an app that gives roles of its own for an id token did not let somebody in. */
export const federationFailuresEn: FederationFailureWords = {
  'federation.trust_policy': (facts) => ({
    why: `The trust policy of the role in “${facts.app}” does not fit the id token.${more(facts)}`,
    advice: 'Compare the role’s trust policy with the one that the app’s setup prints: issuer, client id, and sub.',
  }),
  'federation.unknown_provider': (facts) => ({
    why: `“${facts.app}” has no identity provider of that name.${more(facts)}`,
    advice: 'Create it there with what the app’s setup prints, or mend its name and the account in the app’s settings.',
  }),
  'federation.unknown_role': (facts) => ({
    why: `“${facts.app}” has no role of that name.${more(facts)}`,
    advice: 'Create the role there, or mend its name in the app’s settings.',
  }),
  'federation.audience_refused': (facts) => ({
    why: `The identity provider in “${facts.app}” does not know this app’s client_id.${more(facts)}`,
    advice: 'Add the client_id to the client ids of the identity provider there.',
  }),
  'federation.issuer_refused': (facts) => ({
    why: `The identity provider in “${facts.app}” is for another issuer.${more(facts)}`,
    advice: 'Compare the issuer URL there with CLINCH_ISSUER. They must be the same to the letter.',
  }),
  'federation.token_expired': (facts) => ({
    why: `“${facts.app}” found the id token too old.${more(facts)}`,
    advice: 'Check this server’s clock, and the issuance limit of the identity provider there.',
  }),
  'federation.signature_refused': (facts) => ({
    why: `“${facts.app}” could not verify the signature of the id token.${more(facts)}`,
    advice: 'Run the app’s check: the keys that are read from the issuer’s address must hold the one that signs now.',
  }),
  'federation.token_refused': (facts) => ({
    why: `“${facts.app}” did not understand the id token.${more(facts)}`,
    advice: 'Run the app’s check, and see whether the app’s claims or algorithm were changed.',
  }),
  'federation.issuer_unreachable': (facts) => ({
    why: `“${facts.app}” could not read the issuer’s discovery document or keys.${more(facts)}`,
    advice: 'Run the app’s check: the issuer must answer from the internet, by https.',
  }),
  'federation.certificate_refused': (facts) => ({
    why: `“${facts.app}” does not accept the certificate of the issuer’s address.${more(facts)}`,
    advice: 'Run the app’s check: the chain must be complete, valid and publicly trusted.',
  }),
  'federation.thumbprint_mismatch': (facts) => ({
    why: `The thumbprint in “${facts.app}” is not that of the issuer’s certificate.${more(facts)}`,
    advice: 'Add the thumbprint that the app’s setup prints to the identity provider there.',
  }),
  'federation.throttled': (facts) => ({
    why: `“${facts.app}” refused because of too many requests.${more(facts)}`,
    advice: 'Let the person try again in a moment. If it goes on, ask there for a higher limit.',
  }),
  'federation.session_refused': (facts) => ({
    why: `The role was taken, but “${facts.app}” made no session in the browser of it.${more(facts)}`,
    advice: 'Let the person try again. If it stays so, look at the length of the session and at the code.',
  }),
  'federation.session_too_long': (facts) => ({
    why: `The session that was asked for is longer than the role at “${facts.app}” allows.${more(facts)}`,
    advice: 'Ask for shorter sessions in the settings of the app, or allow longer ones for the role there.',
  }),
  'federation.timeout': (facts) => ({
    why: `“${facts.app}” did not answer in time.${more(facts)}`,
    advice: 'Let the person try again. If it goes on, see how fast this server reaches it.',
  }),
  'federation.unreachable': (facts) => ({
    why: `This server could not reach “${facts.app}”.${more(facts)}`,
    advice: 'Check this server’s way out: name resolution, firewall, CLINCH_OUTBOUND_ALLOW.',
  }),
  'federation.unexpected': (facts) => ({
    why: `“${facts.app}” gave an answer that is in no list.${more(facts)}`,
    advice: 'Look the code up in its documentation; its support asks for the request id.',
  }),
  'federation.no_identity': (facts) => ({
    why: `The person has no id token for “${facts.app}”: no subject, or a claim that must be there has no value.${more(facts)}`,
    advice: 'Look at the app’s claims and its rule for `sub`, and at what is known of the person.',
  }),
};
