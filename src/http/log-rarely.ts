const INTERVAL_MS = 60_000;

/**
 * A log that a flood cannot fill: the first of a kind is written at once, then one line a minute with the number of
 * those between.
 */
export function createRareLog<Kind extends string>(options: {
  monotonicMs: () => number;
  write: (details: { kind: Kind; suppressed: number }, text: string) => void;
}): (kind: Kind, text: string) => void {
  const written = new Map<Kind, { atMs: number; suppressed: number }>();
  return (kind, text) => {
    const nowMs = options.monotonicMs();
    const last = written.get(kind);
    if (last !== undefined && nowMs - last.atMs < INTERVAL_MS) {
      last.suppressed++;
      return;
    }
    written.set(kind, { atMs: nowMs, suppressed: 0 });
    options.write({ kind, suppressed: last?.suppressed ?? 0 }, text);
  };
}
