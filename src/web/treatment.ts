/** Where patients say they are in treatment, and what the vocabulary calls it (`setting`); not being sure asks nothing. */
export const TREATMENT = {
  newly_diagnosed: ['newly_diagnosed'],
  came_back: ['relapsed', 'refractory'],
  mrd: ['mrd_positive'],
  remission: ['maintenance'],
  after_transplant: ['post_transplant'],
  finished: ['survivorship'],
  not_sure: [],
} as const satisfies Record<string, readonly string[]>;
export type Treatment = keyof typeof TREATMENT;
export const TREATMENTS = Object.keys(TREATMENT) as Treatment[];

/** The answer that asks for these settings, or for more of the same kind; `not_sure` for any other. */
export function findTreatment(settings: readonly string[]): Treatment {
  if (settings.length === 0) return 'not_sure';
  return (
    TREATMENTS.find((one) => settings.every((setting) => includes(TREATMENT[one], setting))) ?? 'not_sure'
  );
}

function includes(settings: readonly string[], setting: string): boolean {
  return settings.includes(setting);
}
