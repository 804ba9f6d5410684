import { createWorld } from './world.ts';

const HOUR = 3_600_000;

interface MetaAnswer {
  readonly snapshot: { readonly stale: boolean; readonly checkedAt: string | null; readonly trials: number };
  readonly sync: { readonly state: string; readonly circuit: string };
}

/** A week in which the registry does not answer, day by day, as a table in Markdown. */
export async function simulateWeek(): Promise<string[]> {
  const world = await createWorld(1);
  try {
    // A list is there before the registry goes.
    await world.take({ kind: 'advance', ms: 5 * 60_000 });
    world.registry.setFault({ kind: 'network', times: Infinity, retryAfterSeconds: 0 });
    const lines = [
      '| noon of | /health/ready | stale | checkedAt | trials | state | circuit | requests that day |',
      '|---|---|---|---|---|---|---|---|',
    ];
    let earlier = world.figures.requests;
    for (let day = 0; day <= 7; day++) {
      if (day > 0) await world.take({ kind: 'advance', ms: 24 * HOUR });
      const { requests } = world.figures;
      lines.push(await describeNoon(world, requests - (day === 0 ? 0 : earlier)));
      earlier = requests;
      if (world.problem !== null) throw new Error(world.problem);
    }
    return lines;
  } finally {
    await world.close();
  }
}

async function describeNoon(
  world: Awaited<ReturnType<typeof createWorld>>,
  requests: number,
): Promise<string> {
  const ready = await world.get('/health/ready');
  const { snapshot, sync } = (await world.get('/v1/meta')).json<MetaAnswer>();
  const cells = [
    new Date(world.clock.nowMs()).toISOString().slice(0, 10),
    ready.statusCode,
    snapshot.stale,
    snapshot.checkedAt,
    snapshot.trials,
    sync.state,
    sync.circuit,
    requests,
  ];
  return `| ${cells.join(' | ')} |`;
}
