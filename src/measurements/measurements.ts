import { Injectable } from '@nestjs/common';

/** Names and values that tell the figures of one measurement apart. Few values each: every combination is kept for ever. */
export type Labels = Readonly<Record<string, string>>;

/** One figure of a gauge. */
export interface Reading {
  readonly labels?: Labels;
  readonly value: number;
}

interface Named {
  /** `clinch_…`, in the units that Prometheus asks for: seconds, bytes; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
}

/** Something that only grows, since the start of this process. */
export class Counter {
  private readonly figures = new Map<string, { readonly labels: Labels; value: number }>();

  add(labels: Labels = {}, by = 1): void {
    const key = JSON.stringify(labels);
    const figure = this.figures.get(key);
    if (figure === undefined) this.figures.set(key, { labels, value: by });
    else figure.value += by;
  }

  read(): readonly Reading[] {
    return [...this.figures.values()];
  }
}

/** How often something took how long. */
export class Histogram {
  private readonly figures = new Map<string, HistogramReading>();

  /** @param bounds upper bounds of the buckets, ascending, in seconds */
  constructor(readonly bounds: readonly number[]) {}

  observe(labels: Labels, seconds: number): void {
    this.note(this.of(labels), seconds);
  }

  /** The figures under these labels, for who notes on every request: to be kept, so that nobody looks for them again. */
  of(labels: Labels): HistogramReading {
    const key = JSON.stringify(labels);
    let figure = this.figures.get(key);
    if (figure === undefined) {
      figure = { labels, counts: this.bounds.map(() => 0), count: 0, sum: 0 };
      this.figures.set(key, figure);
    }
    return figure;
  }

  note(figure: HistogramReading, seconds: number): void {
    figure.count += 1;
    figure.sum += seconds;
    for (let bucket = 0; bucket < this.bounds.length; bucket++) {
      if (seconds > (this.bounds[bucket] ?? 0)) continue;
      figure.counts[bucket] = (figure.counts[bucket] ?? 0) + 1;
      return;
    }
  }

  read(): readonly Readonly<HistogramReading>[] {
    return [...this.figures.values()];
  }
}

export interface HistogramReading {
  readonly labels: Labels;
  /** For each bound, how many fell into its own bucket (not added up). */
  readonly counts: number[];
  count: number;
  sum: number;
}

/** A gauge is read when somebody looks. One that cannot be read, because the database is away, rejects and is left out. */
export type ReadGauge = () => Promise<readonly Reading[]> | readonly Reading[];

export type Measurement = Named &
  (
    | { readonly kind: 'counter'; readonly read: () => readonly Reading[] }
    | { readonly kind: 'gauge'; readonly isShared: boolean; readonly read: ReadGauge }
    | { readonly kind: 'histogram'; readonly histogram: Histogram }
  );

/** What the rooms measure: each declares its own when it is made, and `operations` shows all of them at `/metrics`. */
@Injectable()
export class Measurements {
  private readonly declared: Measurement[] = [];

  counter(name: string, help: string): Counter {
    const counter = new Counter();
    this.declared.push({ kind: 'counter', name, help, read: () => counter.read() });
    return counter;
  }

  /** For something that is counted elsewhere. */
  counted(name: string, help: string, read: () => readonly Reading[]): void {
    this.declared.push({ kind: 'counter', name, help, read });
  }

  /** Of this process: how much of something there is now. */
  gauge(name: string, help: string, read: ReadGauge): void {
    this.declared.push({ kind: 'gauge', name, help, isShared: false, read });
  }

  /** Of what all processes share, such as rows of the database: the same whoever is asked. */
  sharedGauge(name: string, help: string, read: ReadGauge): void {
    this.declared.push({ kind: 'gauge', name, help, isShared: true, read });
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(bounds);
    this.declared.push({ kind: 'histogram', name, help, histogram });
    return histogram;
  }

  all(): readonly Measurement[] {
    return this.declared;
  }
}
