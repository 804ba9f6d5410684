import { EssieError, type Essie } from './essie-parser.ts';
import { findStudyField, valuesAt, type StudyField } from './study-fields.ts';

/** Search areas: what a parameter or `AREA[…Search]` looks into. */
const AREAS: Readonly<Record<string, readonly string[]>> = {
  ConditionSearch: [
    'Condition',
    'BriefTitle',
    'OfficialTitle',
    'ConditionMeshTerm',
    'ConditionAncestorTerm',
    'Keyword',
    'NCTId',
  ],
  TitleSearch: ['Acronym', 'BriefTitle', 'OfficialTitle'],
  LocationSearch: ['LocationCity', 'LocationState', 'LocationCountry', 'LocationFacility', 'LocationZip'],
  EligibilitySearch: ['EligibilityCriteria', 'StudyPopulation'],
  BasicSearch: [
    'NCTId',
    'Acronym',
    'BriefTitle',
    'OfficialTitle',
    'Condition',
    'InterventionName',
    'Keyword',
    'BriefSummary',
    'OrgStudyId',
    'LeadSponsorName',
    'OverallStatus',
    'LocationFacility',
    'LocationCity',
    'LocationState',
  ],
};

/** Phrases that the registry's thesaurus takes for one concept. */
const ALL_CONCEPT = [
  'acute lymphoblastic leukemia',
  'acute lymphocytic leukemia',
  'acute lymphoid leukemia',
  'precursor cell lymphoblastic leukemia lymphoma',
];

const ENUM_VALUES: Readonly<Record<string, readonly string[]>> = {
  Phase: ['NA', 'EARLY_PHASE1', 'PHASE1', 'PHASE2', 'PHASE3', 'PHASE4'],
};

const fold = (text: string): string =>
  ` ${text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/leukaemia/g, 'leukemia')
    .replace(/[^a-z0-9]+/g, ' ')
    .replace(/(\w{3,}[^s\W])s(?= )/g, '$1')
    .trim()} `;

function resolveArea(name: string): StudyField[] {
  const known = AREAS[name]?.map((piece) => findStudyField(piece)).filter((field) => field !== null);
  const single = findStudyField(name);
  const fields = known ?? (single ? [single] : []);
  if (fields.length === 0) throw new EssieError(`Unknown area name: \`${name}\``);
  return fields;
}

interface Scope {
  /** The study, or one location of it inside `SEARCH[Location]`. */
  readonly node: unknown;
  readonly inLocation: boolean;
  readonly fields: readonly StudyField[];
}

/** Whether a study matches; an expression without AREA is read in the areas of its parameter. */
export function matchesEssie(query: Essie, study: unknown, area: string): boolean {
  return matches(query, { node: study, inLocation: false, fields: resolveArea(area) });
}

function matches(query: Essie, scope: Scope): boolean {
  switch (query.kind) {
    case 'all':
      return true;
    case 'missing':
      return valuesIn(scope).length === 0;
    case 'and':
      return query.parts.every((part) => matches(part, scope));
    case 'or':
      return query.parts.some((part) => matches(part, scope));
    case 'not':
      return !matches(query.part, scope);
    case 'area': {
      const fields = resolveArea(query.name);
      checkEnum(query, fields);
      return matches(query.part, { ...scope, fields });
    }
    case 'search':
      return searchNested(query, scope);
    case 'range':
      return valuesIn(scope).some((value) => isInRange(String(value), query));
    case 'phrase':
      return matchesPhrase(query.text, scope);
    case 'term':
      return valuesIn(scope).some((value) => fold(String(value)).includes(fold(query.text)));
    default:
      return query satisfies never;
  }
}

/** All conditions inside must hold for the same location. */
function searchNested(query: Essie & { kind: 'area' | 'search' }, scope: Scope): boolean {
  if (query.name === 'Study') return matches(query.part, scope);
  if (query.name !== 'Location') throw new EssieError(`Unknown search document: \`${query.name}\``);
  const locations = valuesAt(scope.node, ['protocolSection', 'contactsLocationsModule', 'locations']);
  return locations.some((node) => matches(query.part, { ...scope, node, inLocation: true }));
}

function valuesIn({ node, inLocation, fields }: Scope): unknown[] {
  return fields.flatMap(({ path }) => valuesAt(node, inLocation ? path.slice(3) : path));
}

function matchesPhrase(text: string, scope: Scope): boolean {
  const asked = fold(text);
  const concept = ALL_CONCEPT.map(fold);
  const wanted = concept.includes(asked) ? concept : [asked];
  return valuesIn(scope).some((value) => wanted.some((phrase) => fold(String(value)).includes(phrase)));
}

function checkEnum(query: Essie & { kind: 'area' | 'search' }, fields: readonly StudyField[]): void {
  const allowed = ENUM_VALUES[query.name];
  const field = fields[0];
  if (allowed === undefined || field === undefined) return;
  const values = termsOf(query.part).filter((value) => !allowed.includes(value));
  if (values.length > 0)
    throw new EssieError(
      `Allowed values for enum field \`${field.path.join('.')}\` are ${allowed.map((value) => `\`${value}\``).join(', ')}`,
    );
}

function termsOf(query: Essie): string[] {
  if (query.kind === 'term' || query.kind === 'phrase') return [query.text];
  if (query.kind === 'and' || query.kind === 'or') return query.parts.flatMap(termsOf);
  return query.kind === 'not' ? termsOf(query.part) : [];
}

const UNIT_DAYS: Readonly<Record<string, number>> = { y: 365.25, m: 30.4375, w: 7, d: 1, h: 1 / 24 };

/** Dates compare as text, ages in days; MIN and MAX are open ends. */
function isInRange(value: string, range: { from: string; to: string }): boolean {
  const asNumber = (text: string): number => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([a-z])/i.exec(text) ?? [];
    if (amount !== undefined && unit !== undefined)
      return Number(amount) * (UNIT_DAYS[unit.toLowerCase()] ?? 1);
    return Date.parse(text);
  };
  const at = asNumber(value);
  const from = range.from === 'MIN' ? -Infinity : asNumber(range.from);
  const to = range.to === 'MAX' ? Infinity : asNumber(range.to);
  return at >= from && at <= to;
}
