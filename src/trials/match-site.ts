import type { InstitutionPack, PackSite } from './institution-pack.ts';

/** A site as the registry lists it, as far as telling whose it is needs. */
export interface ListedSite {
  readonly facility?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly state?: string | null | undefined;
  readonly country?: string | null | undefined;
}

/** Which site of the pack this is, and the pattern that says so. */
export interface SiteMatchResult {
  readonly site: PackSite;
  readonly pattern: string;
  /** Only a pattern for odd spellings matched. */
  readonly loose: boolean;
}

/** Nothing is to be folded but capitals, as in nearly all names of places. */
const PLAIN_NAME = /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/;

/**
 * A facility in the form that patterns are written for: lower case, accents and apostrophes gone (straight, curly,
 * or typed as a letter), every other sign a space. "Children’s", "Children's" and "Childrens" become one word;
 * "Children s" (NCT03876769) stays two.
 */
export function foldFacility(facility: ListedSite['facility']): string {
  const name = (facility ?? '').slice(0, 500);
  if (PLAIN_NAME.test(name)) return name.toLowerCase();
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’‘ʼ`´]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** Of ASCII: folding makes them small and nothing else. */
const LETTERS = Array.from({ length: 128 }, (_, unit) => String.fromCharCode(unit)).filter((sign) =>
  /[A-Za-z]/.test(sign),
);

/**
 * Builds the classifier of a pack's sites. The place is a gate in front of all patterns: Birmingham in the United
 * Kingdom is never ours (NCT05521087 has both). Behind the gate the first matching site of the pack wins.
 */
export function createSiteMatcher(
  pack: Pick<InstitutionPack, 'place' | 'sites'>,
): (listed: ListedSite) => SiteMatchResult | null {
  const cities = new Set([pack.place.city, ...pack.place.nearbyCities].map(foldFacility));
  const states = new Set([pack.place.state, pack.place.stateAbbreviation].map(foldFacility));
  const country = foldFacility(pack.place.country);
  const initials = new Set([...cities].map((city) => city.charAt(0)));
  const otherInitials = new Set(LETTERS.filter((letter) => !initials.has(letter.toLowerCase())));
  const rules = pack.sites.flatMap((site) =>
    [
      ...site.patterns.map((pattern) => ({ pattern, loose: false })),
      ...site.loosePatterns.map((pattern) => ({ pattern, loose: true })),
    ].map((one) => ({ ...one, site, expression: new RegExp(one.pattern, 'u') })),
  );
  return (listed) => {
    // Of hundreds of sites nearly all are told by the first letter; folding leaves one of ASCII in its place.
    if (otherInitials.has(listed.city?.charAt(0) ?? '')) return null;
    const atPlace =
      cities.has(foldFacility(listed.city)) &&
      states.has(foldFacility(listed.state)) &&
      foldFacility(listed.country) === country;
    if (!atPlace) return null;
    const facility = foldFacility(listed.facility);
    const rule = rules.find(({ expression }) => expression.test(facility));
    return rule ? { site: rule.site, pattern: rule.pattern, loose: rule.loose } : null;
  };
}
