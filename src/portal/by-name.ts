import type { Locale } from '../ui/messages.js';

/** What apps are called by people of a language: Chinese names in the order of their pinyin. */
const COLLATORS: Readonly<Record<Locale, Intl.Collator>> = {
  'zh-CN': new Intl.Collator('zh-CN-u-co-pinyin'),
  en: new Intl.Collator('en'),
};

/** Compares apps by name as readers of that language would look for them. Of one name, by id. */
export function byName(
  locale: Locale,
): (
  one: { readonly name: string; readonly id: string },
  other: { readonly name: string; readonly id: string },
) => number {
  return (one, other) => COLLATORS[locale].compare(one.name, other.name) || (one.id < other.id ? -1 : 1);
}
