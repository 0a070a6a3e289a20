import { federationEn } from './messages.federation.en.js';
import type { Messages } from './messages.js';
import { portalEn } from './messages.portal.en.js';

/** English: plain words, sentence case. */
export const en: Messages = {
  common: {
    privacyPolicy: 'Privacy policy',
    termsOfService: 'Terms of service',
    privacyNotice: 'Privacy notice',
    opensInNewTab: ' (opens in a new tab)',
    signedInAs: 'Signed in as',
  },
  login: {
    heading: 'Sign in to continue',
    documentTitle: (app) => `Sign in · ${app}`,
    destination: (app) => `Use your work account to open ${app}.`,
    ownDocumentTitle: 'Sign in',
    ownDestination: 'Use your work account. You will go on from there.',
    username: 'Username',
    password: 'Password',
    submit: 'Sign in',
    reauthenticateHeading: "Confirm it's you",
    reauthenticateReason: (app) => `${app} asks you to prove who you are. Please enter your password again.`,
    usernameMissing: 'Enter your username',
    passwordMissing: 'Enter your password',
    invalidCredentials: "That username and password don't match. Check both and try again.",
    tooManyAttempts: 'Too many attempts. Please try again later.',
    tooManyAttemptsFor: (seconds) => {
      const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
      return `Too many attempts. Please try again in ${count} ${unit}${count === 1 ? '' : 's'}.`;
    },
    busy: 'Many people are signing in right now. Please wait a moment and try again.',
    or: 'or',
    organisationHeading: 'Choose your organisation',
    noWay: 'There is no way to sign in here yet. Please ask your administrator.',
    reauthenticateElsewhereReason: (app) => `${app} asks you to prove who you are. Please sign in again.`,
    cancelled: "You didn't finish signing in. Try again, or choose another way.",
    withDingTalk: 'Sign in with DingTalk',
    withDingTalkOf: (organisation) => `${organisation} (DingTalk)`,
    codeTitle: 'Sign in with DingTalk by scanning a code',
  },
  inApp: {
    documentTitle: 'Signing in',
    heading: 'Signing you in',
    body: 'DingTalk is telling us who you are. If nothing happens within a few seconds, sign in another way.',
    otherWay: 'Sign in another way',
  },
  launch: {
    openDirectlyTitle: (app) => `Open ${app} itself`,
    openDirectlyBody: (app) =>
      `${app} has no page that we could take you to. Start it where you installed it, and sign in from there.`,
    elsewhereDocumentTitle: (app) => `Opening ${app}`,
    elsewhereHeading: 'Opening in your browser',
    elsewhereBody: "This app opens in your computer's or phone's own browser. If nothing happens, choose the button.",
    openElsewhere: 'Open in browser',
    openHere: 'Open here instead',
    handoverDocumentTitle: (app) => `Continue · ${app}`,
    handoverHeading: 'Continue in this browser',
    handoverBody: 'You come from DingTalk, where you are signed in:',
    handoverCaution: 'Continue only if you opened this from DingTalk yourself, just now.',
  },
  selectAccount: {
    heading: 'Choose an account',
    documentTitle: (app) => `Choose an account · ${app}`,
    destination: (app) => `Which account do you want to use with ${app}?`,
    ownDocumentTitle: 'Choose an account',
    ownDestination: 'Which account do you want to go on with?',
    current: 'Current',
    continueAs: (displayName) => `Continue as ${displayName}`,
    useAnother: 'Use another account',
  },
  selectAppAccount: {
    heading: 'Choose an account',
    documentTitle: (app) => `Choose an account · ${app}`,
    question: (app) => `You have several accounts in ${app}. Which one do you want to use?`,
    asLastTime: (username) => `${username} (last used)`,
    field: (app) => `Your account in ${app}`,
  },
  refused: {
    heading: (app) => `You don't have access to ${app}`,
    documentTitle: (app) => `No access · ${app}`,
    ask: 'If you need it for your work, ask for access and mention the trace ID below:',
    backTo: (app) => `Back to ${app}`,
  },
  consent: {
    heading: 'Review access',
    documentTitle: (app) => `Review access · ${app}`,
    request: (app) => `${app} would like to:`,
    scopes: {
      openid: { title: 'Confirm who you are', detail: "Know that it's you, and your account's identifier" },
      profile: { title: 'See your basic profile', detail: 'Name, nickname, picture and the like' },
      email: { title: 'See your email address', detail: 'The address, and whether it has been verified' },
      phone: { title: 'See your phone number', detail: 'The number, and whether it has been verified' },
      address: { title: 'See your postal address', detail: 'The address held in your profile' },
      roles: { title: 'See your roles in it', detail: 'What your organization has made you in this app' },
      groups: { title: 'See your groups', detail: 'The names of the groups that you are in' },
      entitlements: { title: 'See what you may do in it', detail: 'The permissions that you have in this app' },
      offline_access: {
        title: "Keep access while you're away",
        detail: 'Use the above without asking you to sign in again',
      },
    },
    apiScope: (what, api) => ({ title: what, detail: `In ${api}` }),
    customScope: (what) => ({ title: what, detail: 'As your organisation has set it up' }),
    otherScope: (name) => ({ title: name, detail: 'A permission defined by this app' }),
    returnTo: (host) => `You will then return to ${host}`,
    allow: 'Allow',
    deny: 'Deny',
  },
  device: {
    documentTitle: 'Connect a device',
    heading: 'Connect a device',
    lead: 'Enter the code that your device or terminal shows.',
    userCode: 'Code',
    submit: 'Continue',
    codeMissing: 'Enter the code from your device',
    codeUnknown: "That code isn't right, or it has expired. Check it, or start again on the device.",
    tooManyWrongCodes: (seconds) => {
      const minutes = Math.ceil(seconds / 60);
      const wait = `${minutes} minute${minutes === 1 ? '' : 's'}`;
      return `Too many wrong codes. Try again in ${wait}, with a new code from your device.`;
    },
    confirmHeading: 'Connect this device?',
    confirmDocumentTitle: (app) => `Connect this device? · ${app}`,
    compare: 'Check that your device shows this code:',
    requestedFrom: 'Requested from',
    requestedAt: 'Requested',
    minutesAgo: (minutes) => {
      if (minutes < 1) return 'just now';
      return `${minutes} minute${minutes === 1 ? '' : 's'} ago`;
    },
    caution:
      'Allow this only if you started it yourself, on a device of your own. If somebody sent you this code or this link, choose Deny: it would let them in with your account.',
    allow: 'Allow',
    deny: 'Deny',
    allowedTitle: 'Your device is connected',
    allowedBody: (app) => `${app} is signed in there with your account. Close this page and go back to your device.`,
    deniedTitle: 'You refused the device',
    deniedBody: (app) => `${app} gets no access there. You can close this page.`,
    overTitle: 'This request is over',
    overBody: 'It has been answered already, or it has expired. If you still need it, start again on your device.',
  },
  formPost: {
    heading: 'Returning to the app',
    returningTo: (host) => `Taking you back to ${host}. If nothing happens, choose Continue.`,
    returning: 'Taking you back to the app. If nothing happens, choose Continue.',
    proceed: 'Continue',
  },
  federation: federationEn,
  portal: portalEn,
  logout: {
    confirmHeading: 'Sign out?',
    confirmDocumentTitle: (app) => `Sign out · ${app}`,
    confirmBody: 'You will be signed out in this browser, and so will the apps that you opened here.',
    confirmBodyFor: (app) =>
      `${app} asks to sign you out. You will be signed out in this browser, and so will the other apps that you opened here.`,
    allow: 'Sign out',
    deny: 'Cancel',
    doneHeading: "You're signed out",
    doneBody: (displayName) => `${displayName} is no longer signed in here. You can close this page.`,
    doneNothing: 'You had signed out before. You can close this page.',
    stayingHeading: 'Still signed in here',
    signOutToo: 'Sign out as well',
    toldHeading: 'These apps are signing you out too',
    again: 'Sign in again',
    proceed: 'Continue',
  },
  error: {
    nextHeading: 'What to do next',
    detailsHeading: 'Details',
    code: 'Error code',
    traceId: 'Trace ID',
    time: 'Time',
    home: 'Back to home',
    signIn: 'Back to sign-in',
    signOut: 'Sign out',
    situations: {
      unknown_app: {
        title: "We don't know this app",
        explanation: "The sign-in request came from an app that isn't registered here.",
        advice: "Go back and open the app again. If that doesn't help, send the trace ID below to your administrator.",
      },
      app_disabled: {
        title: 'This app is switched off',
        explanation: 'Your administrator has disabled this app, so nobody can sign in to it for now.',
        advice: 'If you still need it, contact your administrator.',
      },
      redirect_uri_mismatch: {
        title: "We can't safely return you to the app",
        explanation:
          "The app asked us to send you to an address it hasn't registered. To protect your account, we stopped.",
        advice: "The app's developers need to fix this. Send them, or your administrator, the trace ID below.",
      },
      invalid_request: {
        title: "We can't handle this sign-in request",
        explanation: 'The request the app sent is incomplete or contains a mistake.',
        advice: "Go back to the app and sign in again. If that doesn't help, send the trace ID to your administrator.",
      },
      interaction_expired: {
        title: 'This sign-in has expired',
        explanation: 'It was left open for too long, or was already finished elsewhere.',
        advice: 'Go back to the app and sign in again, or start again from home.',
      },
      form_not_ours: {
        title: "We couldn't verify this form",
        explanation: "It wasn't sent from a page of ours opened in this browser, or the browser isn't keeping cookies.",
        advice: 'Make sure cookies are allowed, then open the page again and try once more.',
      },
      access_denied: {
        title: "You don't have access to this app",
        explanation: "You're signed in, but this app hasn't been opened to your account.",
        advice: 'If you need it for your work, ask your administrator and mention the trace ID below.',
      },
      account_disabled: {
        title: 'This account is disabled',
        explanation: "The account has been switched off and can't be used to sign in.",
        advice: 'If you think this is a mistake, contact your administrator.',
      },
      not_found: {
        title: 'Page not found',
        explanation: 'There is nothing at this address.',
        advice: 'Check the address, or open the app you want to use.',
      },
      too_many_requests: {
        title: 'That was a little too fast',
        explanation: 'We received too many requests in a short time.',
        advice: 'Wait a moment, then try again.',
      },
      server_error: {
        title: 'Something went wrong on our side',
        explanation: "The sign-in service ran into an unexpected error. It's nothing you did.",
        advice: "Try again in a little while. If that doesn't help, send the trace ID below to your administrator.",
      },
      handover_over: {
        title: 'This link has expired',
        explanation: 'It works once, for a minute, and while you stay signed in inside DingTalk.',
        advice: 'Go back to DingTalk and open the app again.',
      },
      sign_out_request_invalid: {
        title: "We can't handle this sign-out request",
        explanation: 'The request the app sent contains a mistake, so nobody has been signed out.',
        advice:
          "To sign out, choose the button below. The app's developers need to fix the request; their mistake stands in the log under the trace ID.",
      },
      post_logout_redirect_uri_mismatch: {
        title: "We can't return you to the app",
        explanation:
          "After signing you out, the app wants to send you to an address it hasn't registered (post_logout_redirect_uri). To protect you, we stopped: you haven't been signed out.",
        advice:
          "To sign out, choose the button below. The app's developers need to fix the address: send them, or your administrator, the trace ID.",
      },
      dingtalk_code_refused: {
        title: "DingTalk didn't confirm this sign-in",
        explanation: 'The confirmation was used already, or it came too late.',
        advice: "Sign in again. If that doesn't help, send the trace ID below to your administrator.",
      },
    },
    namedSituations: {
      members_only: (organisation) => ({
        title: `Only for members of ${organisation}`,
        explanation: `You signed in with DingTalk, but DingTalk says that you aren't a member of ${organisation}.`,
        advice: `Sign in with the DingTalk account that belongs to ${organisation}, or ask its administrator to add you.`,
      }),
      no_account: (organisation) => ({
        title: "There's no account for you yet",
        explanation: `DingTalk says that you're a member of ${organisation}, but you haven't been given an account here.`,
        advice: 'Ask your administrator for one, and mention the trace ID below.',
      }),
      dingtalk_away: (organisation) => ({
        title: "DingTalk isn't answering",
        explanation: `We couldn't ask DingTalk whether you belong to ${organisation}. It's nothing you did.`,
        advice: 'Wait a little, then try again.',
      }),
      dingtalk_not_set_up: (organisation) => ({
        title: "The connection to DingTalk isn't set up right",
        explanation: `DingTalk refused our questions about ${organisation}, so nobody can sign in this way for now.`,
        advice: 'Tell your administrator, and mention the trace ID below. The log says what is missing.',
      }),
    },
  },
};
