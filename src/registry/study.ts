import { z } from 'zod';
import { isPartialDate } from '../trials/partial-date.ts';

/**
 * The parts of a registry study that we read, in the registry's names. Loose on purpose: unknown keys are passed
 * over and not kept, enumerations are plain strings, everything may be absent (the registry's own schema requires nothing).
 * Only what a trial cannot do without is required; a study without it is set aside.
 */

const text = z.string().optional();
const list = <Item extends z.ZodType>(item: Item) => z.array(item).optional();
const dateStruct = z.object({ date: text, type: text }).optional();
const organisation = z.object({ name: text, class: text });
const term = z.object({ id: text, term: text });
const nctId = z.string().regex(/^NCT\d{8}$/);

const StudyContact = z.object({ name: text, role: text, phone: text, phoneExt: text, email: text });
export type StudyContact = z.infer<typeof StudyContact>;

export const StudyLocation = z.object({
  facility: text,
  status: text,
  city: text,
  state: text,
  zip: text,
  country: text,
  contacts: list(StudyContact),
});
export type StudyLocation = z.infer<typeof StudyLocation>;

type Fields<Key extends string> = Readonly<Record<Key, unknown>>;

/**
 * The sites of a study. Wide studies are little else, and their sites are nearly always as they should be: such sites
 * are looked over by hand, which takes a fraction of the time, and all others are left to the schema, which says what is
 * wrong. They are not copied, since of hundreds only those nearby are kept (`copyLocation`).
 */
const StudyLocations = z.unknown().transform((given, context): StudyLocation[] => {
  if (isListOf(given, isLocation)) return given;
  const parsed = z.array(StudyLocation).safeParse(given);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
  return z.NEVER;
});

function isListOf<One>(given: unknown, isOne: (one: unknown) => one is One): given is One[] {
  if (!Array.isArray(given)) return false;
  for (const one of given) if (!isOne(one)) return false;
  return true;
}

function isLocation(given: unknown): given is StudyLocation {
  if (!isRecord(given)) return false;
  const { facility, status, city, state, zip, country, contacts } = given as Fields<keyof StudyLocation>;
  return (
    isText(facility) &&
    isText(status) &&
    isText(city) &&
    isText(state) &&
    isText(zip) &&
    isText(country) &&
    (contacts === undefined || isListOf(contacts, isContact))
  );
}

function isContact(given: unknown): given is StudyContact {
  if (!isRecord(given)) return false;
  const { name, role, phone, phoneExt, email } = given as Fields<keyof StudyContact>;
  return isText(name) && isText(role) && isText(phone) && isText(phoneExt) && isText(email);
}

/** Only what we read of a site. */
export function copyLocation(location: StudyLocation): StudyLocation {
  const { facility, status, city, state, zip, country, contacts } = location;
  return { facility, status, city, state, zip, country, contacts: contacts?.map(copyContact) };
}

function copyContact({ name, role, phone, phoneExt, email }: StudyContact): StudyContact {
  return { name, role, phone, phoneExt, email };
}

function isRecord(given: unknown): boolean {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function isText(given: unknown): given is string | undefined {
  return given === undefined || typeof given === 'string';
}

export const Study = z.object({
  protocolSection: z.object({
    identificationModule: z.object({
      nctId,
      nctIdAliases: list(z.string()),
      orgStudyIdInfo: z.object({ id: text }).optional(),
      secondaryIdInfos: list(z.object({ id: text })),
      acronym: text,
      briefTitle: z.string().min(1),
      officialTitle: text,
    }),
    statusModule: z.object({
      overallStatus: z.string().min(1),
      lastKnownStatus: text,
      whyStopped: text,
      statusVerifiedDate: text,
      startDateStruct: dateStruct,
      primaryCompletionDateStruct: dateStruct,
      completionDateStruct: dateStruct,
      studyFirstPostDateStruct: dateStruct,
      lastUpdatePostDateStruct: dateStruct,
    }),
    sponsorCollaboratorsModule: z
      .looseObject({ leadSponsor: organisation.optional(), collaborators: list(organisation) })
      .optional(),
    descriptionModule: z.object({ briefSummary: text, detailedDescription: text }).optional(),
    conditionsModule: z.object({ conditions: list(z.string()), keywords: list(z.string()) }).optional(),
    designModule: z
      .looseObject({
        studyType: text,
        phases: list(z.string()),
        enrollmentInfo: z.object({ count: z.number().optional(), type: text }).optional(),
      })
      .optional(),
    armsInterventionsModule: z
      .looseObject({
        interventions: list(z.object({ type: text, name: text, otherNames: list(z.string()) })),
        armGroups: list(z.object({ label: text })),
      })
      .optional(),
    eligibilityModule: z
      .looseObject({
        eligibilityCriteria: text,
        healthyVolunteers: z.boolean().optional(),
        sex: text,
        minimumAge: text,
        maximumAge: text,
        stdAges: list(z.string()),
      })
      .optional(),
    contactsLocationsModule: z
      .looseObject({
        centralContacts: list(StudyContact),
        overallOfficials: list(z.object({ name: text, role: text, affiliation: text })),
        locations: StudyLocations.optional(),
      })
      .optional(),
  }),
  derivedSection: z
    .looseObject({
      miscInfoModule: z.object({ versionHolder: text }).optional(),
      conditionBrowseModule: z.object({ meshes: list(term) }).optional(),
    })
    .optional(),
  hasResults: z.boolean().optional(),
});
export type Study = z.infer<typeof Study>;

/** Made once: to make a schema takes far longer than to read with it. */
const Identified = z.object({ protocolSection: z.object({ identificationModule: z.object({ nctId }) }) });
const Merged = z.object({
  protocolSection: z.object({ identificationModule: z.object({ nctIdAliases: z.array(z.string()) }) }),
});
const Dated = z.object({
  derivedSection: z.object({
    miscInfoModule: z.object({ versionHolder: z.string().refine(isPartialDate) }),
  }),
});

/** The NCT id of something that may be a study; `null` when there is none, or a text that is none: ids are shown. */
export function readNctId(candidate: unknown): string | null {
  const parsed = Identified.safeParse(candidate);
  return parsed.success ? parsed.data.protocolSection.identificationModule.nctId : null;
}

/** Where a study's schema was broken, as `path: problem`; the registry's values are not repeated. */
export function describeStudyProblem(error: z.ZodError): string {
  const issues = error.issues.slice(0, 3);
  return issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join('; ');
}

/** The ids that were merged into a study; none when it cannot be read. */
export function readAliases(candidate: unknown): string[] {
  const parsed = Merged.safeParse(candidate);
  return parsed.success ? parsed.data.protocolSection.identificationModule.nctIdAliases : [];
}

/**
 * The day of the dataset that a study was served from; `null` when it does not say. A text that is no day says
 * nothing: taken for another day, it would cost the whole walk and not only its study.
 */
export function readVersionHolder(candidate: unknown): string | null {
  const parsed = Dated.safeParse(candidate);
  return parsed.success ? parsed.data.derivedSection.miscInfoModule.versionHolder : null;
}
