/** Takes all steps; `null` when it was over before the last. */
export async function takeSteps<Result>(
  steps: Iterator<undefined, Result>,
  isOverAfterRest: () => Promise<boolean>,
): Promise<Result | null> {
  for (;;) {
    const taken = steps.next();
    if (taken.done === true) return taken.value;
    if (await isOverAfterRest()) return null;
  }
}

/** Takes steps with a rest for other requests after each, once for all who ask for the same meanwhile. */
export function createSharedSteps<Result>(
  rest: () => Promise<unknown>,
): (key: string, begin: () => Iterator<undefined, Result>) => Promise<Result> {
  const underWay = new Map<string, Promise<Result>>();
  const takeAll = async (steps: Iterator<undefined, Result>): Promise<Result> => {
    for (;;) {
      const taken = steps.next();
      if (taken.done === true) return taken.value;
      await rest();
    }
  };
  return async (key, begin) => {
    const begun = underWay.get(key) ?? takeAll(begin()).finally(() => underWay.delete(key));
    underWay.set(key, begun);
    return begun;
  };
}
