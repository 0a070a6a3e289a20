/** What a POSIX shell leaves as it is. */
const PLAIN = /^[A-Za-z0-9_.,:/@%+=-]+$/;

/** A command for a POSIX shell, whatever is in its words. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}

/**
 * `--Name value`, for each that has a value; `--Name=value` where the value would be taken for an option itself, which Alibaba
 * Cloud's command line reads (`cli/parser.go`) as `clinch-alibaba` does.
 */
export function options(named: Readonly<Record<string, string | number | undefined>>): string[] {
  return Object.entries(named).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return String(value).startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, String(value)];
  });
}
