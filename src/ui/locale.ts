import type { Locale } from './messages.js';

/**
 * The language to answer a person in. What the app asked for (`ui_locales`) stands above what the browser asks for, since
 * the app may know the person's choice; a wish nobody can meet is passed over, and English is what remains.
 *
 * OpenID Connect Core §3.1.2.1: ui_locales is a space-separated list of BCP47 tags "ordered by preference", and
 * "an error SHOULD NOT result if some or all of the requested locales are not supported".
 */
export function chooseLocale(uiLocales: string | undefined, acceptLanguage: string | undefined): Locale {
  const wishes = [...(uiLocales ?? '').split(/\s+/), ...byQuality(acceptLanguage ?? '')];
  for (const wish of wishes) {
    const locale = supported(wish);
    if (locale) return locale;
  }
  return 'en';
}

/** Every Chinese is answered in the one Chinese there is; `*` welcomes any language, so it gets the default. */
function supported(tag: string): Locale | undefined {
  const primary = tag.toLowerCase().split('-', 1)[0];
  if (primary === 'zh') return 'zh-CN';
  if (primary === 'en' || primary === '*') return 'en';
  return undefined;
}

/** RFC 9110 §12.5.4: ranges with the highest q first, in their written order when equal; q=0 means "not acceptable". */
function byQuality(acceptLanguage: string): string[] {
  return acceptLanguage
    .split(',')
    .map((item) => {
      const [range = '', ...parameters] = item.split(';').map((part) => part.trim());
      return { range, quality: qualityOf(parameters) };
    })
    .filter(({ range, quality }) => range !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ range }) => range);
}

function qualityOf(parameters: readonly string[]): number {
  const written = parameters.find((parameter) => /^q=/i.test(parameter));
  if (written === undefined) return 1;
  const quality = Number(written.slice(2));
  return quality >= 0 && quality <= 1 ? quality : 0;
}
