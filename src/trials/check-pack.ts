import { findPatternProblem } from './check-pattern.ts';
import type { InstitutionPack } from './institution-pack.ts';
import { createSiteMatcher } from './match-site.ts';
import { createConditionNames } from './name-condition.ts';

/**
 * What is wrong with a pack beyond its shape: a pattern that does not compile or could take more than linear time,
 * a doubled key, or an example that its own patterns get wrong. Each problem is one line for the operator.
 */
export function findPackProblems(pack: InstitutionPack): string[] {
  const patternProblems = findPatternProblems(pack);
  if (patternProblems.length > 0) return patternProblems;
  return [...findDoubledKeys(pack), ...findWrongSiteExamples(pack), ...findWrongNames(pack)];
}

function findPatternProblems(pack: InstitutionPack): string[] {
  const { condition } = pack;
  const patterns = [
    ...pack.sites.flatMap((site) => [...site.patterns, ...site.loosePatterns]),
    ...condition.patterns,
    ...condition.patternsCaseSensitive,
    ...condition.basketPatterns,
    ...condition.genericBasketPatterns,
    ...condition.otherDiseasePatterns,
    ...condition.widerDiseasePatterns,
  ];
  return patterns.flatMap(findPatternProblem);
}

function findDoubledKeys(pack: InstitutionPack): string[] {
  const keys = pack.sites.map((site) => site.key);
  return keys
    .filter((key, index) => keys.indexOf(key) !== index)
    .map((key) => `site key ${key} is used twice`);
}

function findWrongSiteExamples(pack: InstitutionPack): string[] {
  const matchSite = createSiteMatcher(pack);
  const { city, state, country } = pack.place;
  const keyOf = (facility: string): string | null =>
    matchSite({ facility, city, state, country })?.site.key ?? null;
  return pack.sites.flatMap((site) => [
    ...site.mustMatch
      .filter((facility) => keyOf(facility) !== site.key)
      .map((facility) => `"${facility}" must match site ${site.key}, and matches ${keyOf(facility)}`),
    ...site.mustNotMatch
      .filter((facility) => keyOf(facility) === site.key)
      .map((facility) => `"${facility}" must not match site ${site.key}`),
  ]);
}

function findWrongNames(pack: InstitutionPack): string[] {
  const names = createConditionNames(pack.condition);
  return [
    ...pack.condition.mustMatch
      .filter((text) => names.findCondition(text) === null)
      .map((text) => `"${text}" must name ${pack.condition.shortLabel}`),
    ...pack.condition.mustNotMatch
      .filter((text) => names.findCondition(text) !== null)
      .map((text) => `"${text}" must not name ${pack.condition.shortLabel}`),
  ];
}
