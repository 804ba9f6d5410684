import type { CriteriaLine } from './criteria-lines.ts';

/** Longest heading that names a group and no list; the longest real one has 45 characters. */
const LONGEST_GROUP_HEADING = 150;

const GROUP_WORD = '(?:cohorts?|parts?|arms?|phases?|groups?|strat(?:um|a)|sub-?stud(?:y|ies))';
const GROUP_NAME = String.raw`(?:[A-Z]{0,2}\d{1,3}[a-zA-Z]?(?:[/.-][A-Z]?\d{1,2}[a-z]?)?|[A-Z]|[IVX]{1,5}[a-c]?)(?!\w)`;
const PARENTHESIS = String.raw`(?:\s{0,2}\([^()]{1,80}\))?`;

/** A group by its name, with or without a colon: "Cohort 1", "Part 1 and Part 2 (Cohorts A to C)" (NCT04728893). */
const NAMED_GROUP = new RegExp(
  `^${GROUP_WORD}\\s{1,3}${GROUP_NAME}` +
    `(?:\\s{0,2}(?:,|&|/|-|–|and|or|to)\\s{0,2}(?:${GROUP_WORD}\\s{1,3})?${GROUP_NAME}){0,6}` +
    `(?:\\s{1,3}(?:patients?|participants?|subjects?))?(?:\\s{1,3}only)?${PARENTHESIS}\\s{0,3}[:：]?$`,
  'i',
);
/** A group in words, with a colon: "EBC cohort:", "ABC cohort I (prospective):" (NCT03417115). */
const DESCRIBED_GROUP = new RegExp(
  `^(?:[^\\s:：;.,]{1,25}\\s{1,3}){0,5}${GROUP_WORD}(?:\\s{1,3}${GROUP_NAME})?${PARENTHESIS}\\s{0,3}[:：]$`,
  'i',
);
/** People with a colon: "Donors:", "Healthy controls:", "Maternal:" (NCT06623981), "Patient Subjects:" (NCT03660631). */
const PEOPLE = new RegExp(
  String.raw`^(?:(?:all|healthy|normal|adult|pa?ediatric|related|unrelated|matched|haploidentical|sibling|family|eligible|potential|stem|cell|patient|caregiver|control|parent|donor|male|female)\s{1,3}){0,4}` +
    String.raw`(?:donors?|controls?|volunteers?|parents?|guardians?|care-?givers?|carers?|care partners?|mothers?|fathers?|maternal|paternal|child|children|infants?|siblings?|relatives?|members?|patients?|recipients?|participants?|subjects?|cases?|clinicians?|providers?|adults?|adolescents?)` +
    String.raw`(?:\s{1,3}(?:and|or|/)\s{1,3}\w{1,20})?(?:\s{1,3}group)?(?:\s{1,3}(?:selection\s{1,3})?criteria)?${PARENTHESIS}\s{0,3}[:：]$`,
  'i',
);
/** A verb makes a sentence of it: "The cohort is part A:". */
const VERB =
  /\b(?:is|are|was|were|be|will|must|should|may|can|do|does|has|have|had|include[sd]?|apply|applies)\b/i;

/** Headings of records that came from NCI's PDQ (NCT00003454): inclusion and exclusion are mixed below them. */
const PDQ_TOPIC =
  /^(?:DISEASE CHARACTERISTICS|PATIENT CHARACTERISTICS|PRIOR CONCURRENT THERAPY|PROTOCOL ENTRY CRITERIA)\s?:/;
/** Lines of the registry's old page: "Ages Eligible for Study: 18 Years to 65 Years". */
const PAGE_TOPIC = /^(?:ages?|sex(?:es)?|genders?) eligible(?: for study)?\s?(?:[:：]|$)/i;

const PEOPLE_GROUPS: readonly (readonly [group: string, pattern: RegExp])[] = [
  [
    'donor',
    /\bdonors?\b(?!\s+(?:lymphocyte|leukocyte|cell|search|availab))|\b(?:haploidentical|matched)\b.{0,30}\b(?:siblings?|relatives?|family members?)\b/i,
  ],
  [
    'control',
    /\bcontrols\b|\bcontrol(?=\s*(?:group|arm|subject|participant|cohort|inclusion|exclusion|eligib|criteria|[:：)]|$))|\bhealthy\b/i,
  ],
  ['caregiver', /\bcare-?givers?\b|\bcarers?\b|\bcare partners?\b/i],
  [
    'parent',
    /\b(?:parents?|guardians?|mothers?|fathers?|maternal|paternal)\b(?!\s+(?:study|trial|protocol))/i,
  ],
  ['relative', /\b(?:siblings?|relatives?|family members?)\b/i],
  ['provider', /\b(?:providers?|clinicians?|physicians?|nurses?|staff)\b/i],
];
/** "Patients and controls", "patients with a donor": the patients are meant, or meant too. */
const PATIENTS_TOO =
  /\b(?:patients?|recipients?)\b\s*(?:and|or|&|\/|,|with|without)|(?:and|or|&|\/|,)\s*(?:patients?|recipients?)\b/i;
const MENTIONS_GROUP = new RegExp(`(?<!\\bage\\s)\\b${GROUP_WORD}\\b`, 'i');

/** How many characters of the line are a heading that names a group or a topic and no list; 0 when it is none. */
export function lengthOfGroupHeading({ text, marker }: CriteriaLine): number {
  const topic = PDQ_TOPIC.exec(text) ?? (marker === 'none' ? PAGE_TOPIC.exec(text) : null);
  if (topic !== null) return topic[0].length;
  if (text.length > LONGEST_GROUP_HEADING) return 0;
  const announces = /[:：]$/.test(text);
  const namesGroup = NAMED_GROUP.test(text) || (announces && marker === 'none' && DESCRIBED_GROUP.test(text));
  return (announces && PEOPLE.test(text)) || (namesGroup && !VERB.test(text)) ? text.length : 0;
}

/**
 * Whom a heading speaks of: the people in its words, beside the list's name; else, for a cohort, an arm, a part, the
 * heading itself; else `null`, the patients of the whole study.
 */
export function groupOf(heading: string, words: string): string | null {
  const people = PEOPLE_GROUPS.find(([, pattern]) => pattern.test(words))?.[0];
  if (people !== undefined && !PATIENTS_TOO.test(words)) return people;
  return MENTIONS_GROUP.test(words) ? trimEnding(heading) : null;
}

function trimEnding(heading: string): string {
  let end = heading.length;
  while (end > 0 && /[\s:：.–—-]/.test(heading.charAt(end - 1))) end--;
  return heading.slice(0, end);
}
