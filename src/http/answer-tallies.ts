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
interface RouteTally {
  /** By method and status; a route has a handful. */
  readonly tallies: Tally[];
  readonly buckets: number[];
  count: number;
  seconds: number;
}

export function createAnswerTallies(): AnswerTallies {
  const routes = new Map<string, RouteTally>();
  const ofRoute = (route: string): RouteTally => {
    const known = routes.get(route);
    if (known !== undefined) return known;
    const made = { tallies: [], buckets: BUCKETS.map(() => 0), count: 0, seconds: 0 };
    routes.set(route, made);
    return made;
  };
  return {
    count({ route, method, status, milliseconds }) {
      const times = ofRoute(route);
      const seconds = milliseconds / 1000;
      const known = times.tallies.find(({ labels }) => labels.status === status && labels.method === method);
      if (known === undefined) times.tallies.push({ labels: { route, method, status }, count: 1 });
      else known.count++;
      times.count++;
      times.seconds += seconds;
      const bucket = BUCKETS.findIndex((most) => seconds <= most);
      if (bucket !== -1) times.buckets[bucket] = (times.buckets[bucket] ?? 0) + 1;
    },
    get counts() {
      return [...routes.values()].flatMap(({ tallies }) => tallies);
    },
    format(name, help) {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
      for (const [route, { buckets, count, seconds }] of routes) {
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
