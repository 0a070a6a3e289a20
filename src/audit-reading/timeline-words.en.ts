import { federationFailuresEn } from './timeline-federation.en.js';
import { more } from './timeline-more.js';
import type { TimelineWords } from './timeline-words.js';

export const timelineEn: TimelineWords = {
  events: {
    'authorization.requested': ({ app }) => `“${app}” sent the browser here to sign in.`,
    'authorization.refused': ({ app, reason }) => `The browser was sent back to “${app}” with the error ${reason}.`,
    'page.refused': () => 'The person was shown an error page.',
    'sign_in.succeeded': ({ person, method }) => `${person} signed in with ${method}.`,
    'sign_in.failed': ({ method }) => `A sign-in with ${method} failed.`,
    'sign_in.slowed': () => 'A sign-in was turned away without being looked at.',
    'access.refused': ({ app, person }) => `${person} was not let into “${app}”.`,
    'subject.refused': ({ app, person }) => `There is no identifier for ${person} in “${app}”.`,
    'consent.given': ({ app, person }) => `${person} agreed to what “${app}” asked for.`,
    'consent.denied': ({ app, person }) => `${person} said no to what “${app}” asked for.`,
    'federation.opened': ({ app, person }) => `${person} was let into “${app}” with a role there.`,
    'federation.failed': ({ app, person }) => `“${app}” did not let ${person} in.`,
    'code.issued': ({ app, person }) => `${person} was let into “${app}”: it was given a code.`,
    'code.replayed': ({ app }) => `“${app}” presented a code a second time.`,
    'token.issued': ({ app }) => `“${app}” fetched its tokens.`,
    'session.ended': ({ person }) => `A session of ${person} ended.`,
    'session.handed_over': ({ person }) => `${person} went on in another browser.`,
    'identity.linked': ({ person }) => `${person} was linked with somebody in the organisation.`,
    'identity.refused': () => 'Somebody from the organisation has no account here.',
    'identity.match_ambiguous': () => 'Several accounts could be the person from the organisation.',
    'client_authentication.failed': ({ app }) => `“${app}” could not prove that it is that app.`,
    'device.allowed': ({ app, person }) => `${person} let in a device with “${app}”.`,
    'device.denied': ({ app, person }) => `${person} refused a device with “${app}”.`,
    'device.code_refused': () => 'A code was typed that is none of a device.',
    'account.returned': ({ person }) => `${person} came back into the organisation; the account is open again.`,
    'account.departed': ({ person }) => `${person} left the organisation; the account is closed.`,
    'account.password_changed': ({ person }) => `${person} set a new password.`,
  },
  otherEvent: (event) => `Noted: ${event}.`,
  failures: {
    ...federationFailuresEn,
    unknown_name: () => ({
      why: 'Nobody has the user name that was typed.',
      advice:
        'Ask which name the person typed. It may be a nickname or an address; the user name stands at the person.',
    }),
    wrong_password: () => ({
      why: 'The password did not fit.',
      advice: 'Let the person try once more, or set a new password for them.',
    }),
    account_disabled: () => ({
      why: 'The password fits, but the account is switched off.',
      advice:
        'Switch the account on again if the person should get in. One that closed by a departure opens at a return.',
    }),
    slowed: () => ({
      why: 'There were too many failed attempts from that address, or for that name.',
      advice:
        'Wait a few minutes. If many people come from one address, see whether CLINCH_TRUST_PROXY names the proxy.',
    }),
    access_refused: ({ app }) => ({
      why: `The person is signed in, but nothing lets them into “${app}”: no assignment fits, or its rule says no.`,
      advice: 'Assign the person, a group or a department to the app. The explanation of access at the app says more.',
    }),
    no_subject: ({ app, reason }) => ({
      why: `“${app}” names people by a rule of its own, and for this person it comes to nothing that can be used (${reason}).`,
      advice: 'Look at the rule for `sub` at the app, and at what is known of the person.',
    }),
    consent_denied: ({ app }) => ({
      why: `The person chose not to give “${app}” what it asked for.`,
      advice: 'Nothing to mend. They can open the app again and agree.',
    }),
    unknown_app: (facts) => ({
      why: `The request names an app that is not registered here.${more(facts)}`,
      advice: 'Compare the app’s client_id with the list of apps. It may be meant for another server.',
    }),
    app_disabled: () => ({
      why: 'The app is switched off here.',
      advice: 'Switch it on again if people should use it.',
    }),
    redirect_uri_mismatch: (facts) => ({
      why: `The app wants people sent to an address that is not registered for it. It must fit to the letter.${more(facts)}`,
      advice: 'Compare redirect_uri of the app’s settings with redirect_uris here, and mend the one that is wrong.',
    }),
    invalid_request: (facts) => ({
      why: `The request is incomplete or malformed.${more(facts)}`,
      advice: 'This is for the app’s developers to mend. The log has the details under the trace id.',
    }),
    interaction_expired: (facts) => ({
      why: `The page had been open for more than an hour, was finished in another tab, or belongs to another browser.${more(facts)}`,
      advice: 'Let the person open the app again. If it happens at once every time, the browser keeps no cookies.',
    }),
    form_not_ours: () => ({
      why: 'A form came without what ties it to this browser: it was open too long, or the browser keeps no cookies.',
      advice: 'Let the person allow cookies for this site and open the app again.',
    }),
    access_denied: ({ app, hint }) => ({
      why:
        app === ''
          ? `It was refused.${hint === '' ? '' : ` The server noted: ${hint}.`}`
          : `It was refused at “${app}”.`,
      advice: 'See the lines before this one: they say what for.',
    }),
    too_many_requests: () => ({
      why: 'Too many attempts came from one place in a short time.',
      advice: 'Wait a minute, and try again.',
    }),
    server_error: (facts) => ({
      why: `Something went wrong on this server.${more(facts)}`,
      advice: 'Look for the trace id in the log: the line with kind "refusal" has the reason.',
    }),
    database_away: () => ({
      why: 'The database did not answer in time.',
      advice: 'Look at the database and at /readyz. Nothing is lost; the person can try again.',
    }),
    dingtalk_code_refused: (facts) => ({
      why: `DingTalk did not accept the code of this sign-in: it was used already, or is too old.${more(facts)}`,
      advice: 'Let the person try again. If it stays so, check the identity source: its app may have a new secret.',
    }),
    handover_over: () => ({
      why: 'The link from DingTalk to the browser was used already, or was older than a minute.',
      advice: 'Let the person open the app in DingTalk again.',
    }),
    sign_out_request_invalid: (facts) => ({
      why: `The app’s request to sign out is malformed.${more(facts)}`,
      advice: 'This is for the app’s developers to mend.',
    }),
    post_logout_redirect_uri_mismatch: () => ({
      why: 'The app wants people sent, after signing out, to an address that is not registered for it.',
      advice: 'Add it to post_logout_redirect_uris, or mend it in the app.',
    }),
    members_only: () => ({
      why: 'Whoever signed in with DingTalk is no member of the organisation.',
      advice:
        'Let them sign in with the DingTalk account of the organisation. A new member may have to be added there first.',
    }),
    no_account: () => ({
      why: 'The person is in the organisation, but has no account here, and the source makes none at a sign-in.',
      advice: 'Run a sync, link the person by hand, or let the identity source make new people.',
    }),
    dingtalk_away: (facts) => ({
      why: `DingTalk did not answer in time.${more(facts)}`,
      advice:
        'Let the person try again. If it goes on, check the identity source, and whether this server may reach DingTalk.',
    }),
    dingtalk_not_set_up: (facts) => ({
      why: `DingTalk refused what this server asked: a permission or a setting of the app there is missing.${more(facts)}`,
      advice: 'Check the identity source: it names what is missing, and where to set it.',
    }),
    invalid_scope: (facts) => ({
      why: `The app asked for a scope that it may not have.${more(facts)}`,
      advice: 'Add the scope to the app here, or take it out of the app’s request.',
    }),
    login_required: () => ({
      why: 'The app asked for a sign-in without any page (prompt=none), and nobody was signed in.',
      advice: 'Nothing to mend here: the app has to send the browser again without prompt=none.',
    }),
    interaction_required: () => ({
      why: 'The app asked for a sign-in without any page (prompt=none), but the person has something to decide.',
      advice: 'Nothing to mend here: the app has to send the browser again without prompt=none.',
    }),
    unsupported_response_type: () => ({
      why: 'The app asked for another kind of answer than a code.',
      advice: 'This is for the app’s developers to mend: response_type must be code.',
    }),
    code_replayed: () => ({
      why: 'A code is good once. All that came of it has ended, since one of the two may be a thief.',
      advice: 'See whether the app sends its request twice. If it does not, somebody may have read its address.',
    }),
    client_authentication: (facts) => ({
      why: `The app’s secret or key is wrong, or it was sent in another way than is registered.${more(facts)}`,
      advice: 'Compare the app’s secret and token_endpoint_auth_method with what is registered here.',
    }),
    other: (facts) => ({
      why: facts.reason === '' ? 'The event gives no reason.' : `The reason is ${facts.reason}.${more(facts)}`,
      advice: 'Look for the trace id in the log.',
    }),
  },
  methods: { pwd: 'user name and password', dingtalk: 'DingTalk', dingtalk_in_app: 'DingTalk, from inside its app' },
  unknownApp: 'an unknown app',
  somebody: 'Somebody',
  ended: (app) => `The person was let into “${app}”.`,
  failed: (app) => (app === '' ? 'The sign-in failed.' : `The sign-in at “${app}” failed.`),
  open: (app) => (app === '' ? 'The sign-in is not finished.' : `The sign-in at “${app}” is not finished.`),
};
