import type { JSX } from 'preact';
import { MESSAGES, type Locale } from '../ui/messages.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const ZONES: Readonly<Record<Locale, string>> = { 'zh-CN': 'Asia/Shanghai', en: 'UTC' };

export interface MomentProps {
  readonly at: Date;
  readonly now: Date;
  readonly locale: Locale;
  /** Of the person (OpenID Connect Core 1.0 §5.1 `zoneinfo`); absent: see `exactTime`. */
  readonly zone?: string | undefined;
}

/** How long ago something was; the exact time is there for whoever points at it. */
export function Ago(props: MomentProps): JSX.Element {
  return (
    <time datetime={props.at.toISOString()} title={exactTime(props)}>
      {agoInWords(props)}
    </time>
  );
}

/** When something was, to the minute. */
export function When(props: Omit<MomentProps, 'now'>): JSX.Element {
  return <time datetime={props.at.toISOString()}>{exactTime(props)}</time>;
}

function agoInWords({ at, now, locale }: MomentProps): string {
  const words = MESSAGES[locale].portal.time;
  const passed = now.getTime() - at.getTime();
  if (passed < MINUTE_MS) return words.justNow;
  if (passed < HOUR_MS) return words.minutesAgo(Math.floor(passed / MINUTE_MS));
  return passed < DAY_MS ? words.hoursAgo(Math.floor(passed / HOUR_MS)) : words.daysAgo(Math.floor(passed / DAY_MS));
}

/**
 * With the name of the zone, because it need not be the reader's. For whoever has none in the profile it is that of China
 * where the page is Chinese, else UTC: never the server's own, which in a container is anything.
 */
export function exactTime({ at, locale, zone }: Omit<MomentProps, 'now'>): string {
  const format = {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  } as const;
  return new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    ...format,
    timeZone: knownZone(zone) ?? ZONES[locale],
  }).format(at);
}

/** What a profile says need not be a zone that this machine knows. */
function knownZone(zone: string | undefined): string | undefined {
  if (zone === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
