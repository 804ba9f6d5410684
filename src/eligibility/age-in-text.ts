import { DAYS_PER_UNIT, parseAgeRange, type AgeUnit } from '../trials/age.ts';
import { findMatches } from '../trials/find-spans.ts';
import type { Trial } from '../trials/trial.ts';
import { readCriteriaSentences } from './study-sentences.ts';

/** An age limit that a sentence states: from when, or before when, a patient is taken. */
interface AgeClaim {
  readonly bound: 'from' | 'before';
  readonly days: number;
  /** The days that the other reading of the words gives: "older than 18" may mean from 18 or from 19 on. */
  readonly orDays: number;
  readonly sentence: string;
}

type Unit = Exclude<AgeUnit, 'hour' | 'minute'>;

const NUMBER = String.raw`(\d{1,3}(?:\.\d{1,2})?)`;
const UNIT = String.raw`\s?-?(days?|weeks?|wks?|months?|mos?\b|years?|yrs?\b|yo\b|y\b)?`;
/** `from 1 to < 31 years`, `between 12 and 21 years`, `18-39 years`. */
const RANGE = new RegExp(
  String.raw`${NUMBER}${UNIT}(?: of age| old)?,?\s?(?:-|to|and|through|up to)\s?(<=?|≤|less than or equal to|less than|younger than|under)?\s?${NUMBER}\s?-?(days?|weeks?|wks?|months?|mos?\b|years?|yrs?\b|yo\b|y\b)`,
  'gi',
);
/** `aged 18-65`: years when no unit is said. */
const BARE_RANGE =
  /\bage[ds]?:? (?:between |from )?(\d{1,2}) ?(?:-|to|and) ?(\d{1,2})\b(?! ?(?:[-–]|days?|weeks?|wks?|months?|mos?\b|years?|yrs?\b|y\b|%|kg))/gi;
/** `less than 22 years`, `≥ 18 years`, `at least 365 days`. */
const LIMIT = new RegExp(
  String.raw`(<=|≤|>=|≥|<|>|=<|=>|at least|no(?:t)? (?:younger|less) than|no(?:t)? (?:older|more) than|(?:greater|older|more|higher) than or equal to|(?:less|younger|lower) than or equal to|older than|greater than|more than|over|above|less than|younger than|under|below|up to|minimum (?:age )?(?:of )?|maximum (?:age )?(?:of )?)\s?(?:age )?(?:of )?${NUMBER}\s?-?(days?|weeks?|wks?|months?|mos?\b|years?|yrs?\b|yo\b|y\b)`,
  'gi',
);
/** `18 years or older`, `21 years of age and younger`. */
const LIMIT_BEHIND = new RegExp(
  String.raw`${NUMBER}\s?-?(days?|weeks?|months?|years?|yrs?\b)(?: of age| old)?,?\s(?:or|and|&)\s(older|over|above|greater|younger|under|below|less)`,
  'gi',
);

/** The sentence speaks of the age of the patient and of nothing else that is counted in years. */
const SPEAKS_OF_AGE = /\bage[ds]?\b|\byears? old\b|\byounger\b|\bolder\b|\byrs? old\b/i;
const OTHER_COUNT =
  /\b(?:gestation\w*|corrected age|diagnosed at|contracepti\w*|donors?|parents?|caregivers?|siblings?|since|history|survival|life expectancy|malignanc\w*|duration|creatinine|performance|karnofsky|lansky|menopaus\w*|postmenopausal|childbearing|for (?:patients|participants|subjects|those)|if |bilirubin|ejection|weigh\w*|within|prior|after|last|past|mg|assent|consent|cohort|arm|stratum|phase|part [a-z0-9])\b/i;
/** Bounds nearer than this are the same: 365 days and one year, 12 months and 365 days. */
const TOLERATED = 0.03;
const TOLERATED_DAYS = 31;

/**
 * A sentence of the criteria that states other age limits than the structured bounds, or `null`. Only a record in
 * which no sentence agrees with a bound has a conflict: several cohorts have several ages. Source: issue of the text
 * "< 31 years" beside a maximum of 31 Years, which admits everybody younger than 32 (NCT03914625).
 */
export function findAgeConflict(
  trial: Pick<Trial, 'minimumAge' | 'maximumAge' | 'eligibilityCriteria'>,
): string | null {
  const { range } = parseAgeRange(trial);
  const claims = readCriteriaSentences(trial.eligibilityCriteria.text)
    .filter(({ section, group }) => section !== 'exclusion' && group === null)
    .filter(({ text }) => SPEAKS_OF_AGE.test(text) && !OTHER_COUNT.test(text))
    .flatMap(({ text, verbatim }) => readClaims(text, verbatim));
  return (
    findContradiction(
      claims.filter(({ bound }) => bound === 'from'),
      range.fromDays ?? 0,
    ) ??
    findContradiction(
      claims.filter(({ bound }) => bound === 'before'),
      range.beforeDays ?? Infinity,
    )
  );
}

function findContradiction(claims: readonly AgeClaim[], days: number): string | null {
  const agrees = ({ days: claimed, orDays }: AgeClaim): boolean => near(claimed, days) || near(orDays, days);
  return claims.some(agrees) ? null : (claims[0]?.sentence ?? null);
}

function near(one: number, other: number): boolean {
  return one === other || Math.abs(one - other) <= Math.min(TOLERATED_DAYS, TOLERATED * Math.min(one, other));
}

function readClaims(text: string, sentence: string): AgeClaim[] {
  const ranges = findMatches(RANGE, text);
  // What a range has said is not read again as a limit of its own.
  const rest = ranges.reduce((left, { 0: found }) => left.replace(found, ' '.repeat(found.length)), text);
  return [
    ...ranges.flatMap(([, from, fromUnit, below, to, unit]) => {
      const unitOfEnd = unitOf(unit);
      const start = Number(from) * DAYS_PER_UNIT[fromUnit ? unitOf(fromUnit) : unitOfEnd];
      const exclusive = below !== undefined && !/=|≤|equal/.test(below);
      return [
        claim('from', start, start, sentence),
        upperClaim({ count: Number(to), unit: unitOfEnd, inclusive: !exclusive, sentence }),
      ];
    }),
    ...findMatches(BARE_RANGE, rest).flatMap(([, from, to]) => [
      claim('from', Number(from) * DAYS_PER_UNIT.year, Number(from) * DAYS_PER_UNIT.year, sentence),
      upperClaim({ count: Number(to), unit: 'year', inclusive: true, sentence }),
    ]),
    ...findMatches(LIMIT, rest).map(([, words = '', count, unit]) =>
      limitClaim({ words: words.toLowerCase(), count: Number(count), unit: unitOf(unit), sentence }),
    ),
    ...findMatches(LIMIT_BEHIND, rest).map(([, count, unit, words = '']) =>
      /older|over|above|greater/i.test(words)
        ? claim(
            'from',
            Number(count) * DAYS_PER_UNIT[unitOf(unit)],
            Number(count) * DAYS_PER_UNIT[unitOf(unit)],
            sentence,
          )
        : upperClaim({ count: Number(count), unit: unitOf(unit), inclusive: true, sentence }),
    ),
  ];
}

interface Limit {
  readonly count: number;
  readonly unit: Unit;
  readonly sentence: string;
}

function limitClaim({ words, count, unit, sentence }: Limit & { words: string }): AgeClaim {
  const inclusive = /=|≤|≥|equal|least|up to|minimum|maximum|^no/.test(words);
  const upper =
    /^(?:<|≤|=<|less|younger|lower|under|below|up to|maximum)/.test(words) ||
    /^not? (?:older|more)/.test(words);
  if (upper) return upperClaim({ count, unit, inclusive, sentence });
  const days = count * DAYS_PER_UNIT[unit];
  return claim('from', days, inclusive ? days : days + DAYS_PER_UNIT[unit], sentence);
}

/** "Up to 21 years" takes the whole 22nd year of life (contract 5.1), and is also read as "until the 21st birthday". */
function upperClaim({ count, unit, inclusive, sentence }: Limit & { inclusive: boolean }): AgeClaim {
  const days = count * DAYS_PER_UNIT[unit];
  const whole = Number.isInteger(count) ? days + DAYS_PER_UNIT[unit] : days;
  return inclusive ? claim('before', whole, whole, sentence) : claim('before', days, days, sentence);
}

function claim(bound: AgeClaim['bound'], days: number, orDays: number, sentence: string): AgeClaim {
  return { bound, days, orDays, sentence };
}

function unitOf(word: string | undefined): Unit {
  const first = (word ?? 'y').toLowerCase().charAt(0);
  return first === 'd' ? 'day' : first === 'w' ? 'week' : first === 'm' ? 'month' : 'year';
}
