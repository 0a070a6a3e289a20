import { inTime } from './in-time.js';
import type { HistogramReading, Labels, Measurement, Reading } from '../measurements/measurements.js';

/** A measurement: its two lines of comment, with its name, and its series. */
const BLOCK = /(# HELP (\S+) .*\n# TYPE .*\n)((?:[^#\n].*\n)*)/g;

/**
 * One measurement in the text format of Prometheus (version 0.0.4).
 *
 * @param own labels that every series gets besides its own
 * @param within milliseconds
 * @returns undefined when it could not be read in that time, as while the database is away
 */
export async function exposed(measurement: Measurement, own: Labels, within: number): Promise<string | undefined> {
  const { kind, name, help } = measurement;
  const head = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${kind}\n`;
  if (kind === 'histogram') {
    const { bounds } = measurement.histogram;
    return (
      head +
      measurement.histogram
        .read()
        .map((figure) => ofHistogram(name, figure, bounds, own))
        .join('')
    );
  }
  try {
    const given = measurement.read();
    const readings = given instanceof Promise ? await inTime(given, within) : given;
    return head + readings.map(({ labels = {}, value }) => line(name, { ...labels, ...own }, value)).join('');
  } catch {
    // The rest is worth having all the same, and /readyz says what is wrong.
    return undefined;
  }
}

/** Several texts as one, in which every measurement stands once, as the format asks. */
export function together(texts: readonly string[]): string {
  const heads = new Map<string, string>();
  const series = new Map<string, string>();
  for (const text of texts) {
    for (const [, head = '', name = '', lines = ''] of text.matchAll(BLOCK)) {
      if (!heads.has(name)) heads.set(name, head);
      series.set(name, (series.get(name) ?? '') + lines);
    }
  }
  return [...heads].map(([name, head]) => head + (series.get(name) ?? '')).join('');
}

function ofHistogram(
  name: string,
  { labels, counts, count, sum }: Readonly<HistogramReading>,
  bounds: readonly number[],
  own: Labels,
): string {
  const all = { ...labels, ...own };
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return line(`${name}_bucket`, { ...all, le: String(bound) }, below);
  });
  const whole = line(`${name}_bucket`, { ...all, le: '+Inf' }, count);
  return [...buckets, whole, line(`${name}_sum`, all, sum), line(`${name}_count`, all, count)].join('');
}

function line(name: string, labels: Labels, value: Reading['value']): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
