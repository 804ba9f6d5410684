/** Answers by route, method and status, and how long they took: counted for every request, so without an allocation. */
export interface AnswerTallies {
  readonly count: (answer: CountedAnswer) => void;
  readonly counts: Iterable<{
    readonly labels: { readonly route: string; readonly method: string; readonly status: number };
    readonly count: number;
  }>;
  /** The times as a histogram in Prometheus' text form. */
  format(name: string, help: string): string;
}

/** What is counted of an answer. */
export interface CountedAnswer {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** Seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1];

interface Tally {
  readonly labels: { readonly route: string; readonly method: string; readonly status: number };
  count: number;
}
interface Times {
  readonly buckets: number[];
  count: number;
  seconds: number;
}

export function createAnswerTallies(): AnswerTallies {
  const tallies = new Map<string, Tally>();
  const times = new Map<string, Times>();
  return {
    count({ route, method, status, milliseconds }) {
      const seconds = milliseconds / 1000;
      const key = `${route} ${method} ${status}`;
      const tally = tallies.get(key) ?? { labels: { route, method, status }, count: 0 };
      if (tally.count++ === 0) tallies.set(key, tally);
      const time = times.get(route) ?? { buckets: BUCKETS.map(() => 0), count: 0, seconds: 0 };
      if (time.count++ === 0) times.set(route, time);
      time.seconds += seconds;
      const bucket = BUCKETS.findIndex((most) => seconds <= most);
      if (bucket !== -1) time.buckets[bucket] = (time.buckets[bucket] ?? 0) + 1;
    },
    get counts() {
      return tallies.values();
    },
    format(name, help) {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
      for (const [route, { buckets, count, seconds }] of times) {
        const label = `route=${JSON.stringify(route)}`;
        let below = 0;
        for (const [index, most] of BUCKETS.entries()) {
          below += buckets[index] ?? 0;
          lines.push(`${name}_bucket{le="${most}",${label}} ${below}`);
        }
        lines.push(`${name}_bucket{le="+Inf",${label}} ${count}`);
        lines.push(`${name}_sum{${label}} ${seconds}`, `${name}_count{${label}} ${count}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}
