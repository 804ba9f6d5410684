/** Every page that people see, by the name of its screenshots. */
export const SURFACES = {
  finder: '/',
  clinician: '/?view=clinician',
  trial: '/trials/NCT03914625',
  about: '/about',
  compare: '/compare?trials=NCT03914625,NCT03959085',
  widget: '/widget/',
} as const;
export type Surface = keyof typeof SURFACES;

export const EACH_SURFACE = Object.entries(SURFACES) as [Surface, string][];

/** The same page in Spanish. */
export function inSpanish(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}lang=es`;
}
