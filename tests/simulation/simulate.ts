import { makePlan, type Step } from './plan.ts';
import { createWorld, type Figures } from './world.ts';

export interface Run {
  readonly seed: number;
  readonly figures: Figures;
  /** What was wrong, where; `null` when nothing was. */
  readonly violation: { readonly message: string; readonly steps: readonly Step[] } | null;
}

/** Runs the plan of a seed to its end, or to the first step after which something is wrong: the shortest beginning. */
export async function simulate(seed: number, steps: number): Promise<Run> {
  const plan = makePlan(seed, steps);
  const world = await createWorld(seed);
  try {
    for (const [index, step] of plan.entries()) {
      const problem = await takeStep(world, step);
      if (problem === null) continue;
      const message = `seed ${seed}, step ${index + 1} ${JSON.stringify(step)}: ${problem}`;
      const figures = { ...world.figures, steps: index + 1 };
      return { seed, figures, violation: { message, steps: plan.slice(0, index + 1) } };
    }
    return { seed, figures: { ...world.figures, steps }, violation: null };
  } finally {
    await world.close();
  }
}

async function takeStep(world: Awaited<ReturnType<typeof createWorld>>, step: Step): Promise<string | null> {
  try {
    await world.take(step);
    return world.problem;
  } catch (error) {
    return `something threw: ${(error as Error).stack ?? String(error)}`;
  }
}
