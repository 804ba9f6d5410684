import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { copyLocation, describeStudyProblem, Study, StudyLocation } from '../../src/registry/study.ts';
import { copySampleStudy } from '../support/sample.ts';

/** A study with these sites, and what the schema of a site alone says of them. */
function readBoth(locations: unknown) {
  const study = copySampleStudy('NCT03007147');
  study.protocolSection.contactsLocationsModule.locations = locations as Record<string, unknown>[];
  const parsed = Study.safeParse(study);
  const at = ['protocolSection', 'contactsLocationsModule', 'locations'];
  const bySchema = z.array(StudyLocation).optional().safeParse(locations);
  return {
    read: parsed.success
      ? parsed.data.protocolSection.contactsLocationsModule?.locations?.map(copyLocation)
      : describeStudyProblem(parsed.error),
    expected: bySchema.success
      ? bySchema.data
      : bySchema.error.issues
          .slice(0, 3)
          .map(({ path, code }) => `${[...at, ...path].join('.')}: ${code}`)
          .join('; '),
  };
}

const odd = fc.constantFrom<unknown>(null, 1, true, [], {}, [1], 'text', undefined);
const text = fc.oneof({ weight: 30, arbitrary: fc.constantFrom<unknown>('Boston', '', undefined) }, odd);
const contact = fc.record(
  { name: text, role: text, phone: text, phoneExt: text, email: text, fax: odd },
  { requiredKeys: [] },
);
const contacts = fc.array(fc.oneof({ weight: 20, arbitrary: contact }, odd), { maxLength: 2 });
const location = fc.record(
  {
    facility: text,
    status: text,
    city: text,
    state: text,
    zip: text,
    country: text,
    contacts: fc.oneof({ weight: 20, arbitrary: contacts }, odd),
    geoPoint: odd,
  },
  { requiredKeys: [] },
);
const locations = fc.oneof(
  { weight: 20, arbitrary: fc.array(fc.oneof({ weight: 30, arbitrary: location }, odd), { maxLength: 4 }) },
  odd,
);

test('sites are read and refused as their schema says', () => {
  fc.assert(
    fc.property(locations, (given) => {
      const { read, expected } = readBoth(given);
      expect(read).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('nothing is kept of a site but what is read', () => {
  const given = { facility: 'UAB', geoPoint: { lat: 1 }, contacts: [{ name: 'A', fax: '1' }] };
  expect(JSON.stringify(readBoth([given]).read)).toBe('[{"facility":"UAB","contacts":[{"name":"A"}]}]');
  expect(readBoth([{ facility: 'UAB' }, { contacts: [{ phone: 1 }] }]).read).toBe(
    'protocolSection.contactsLocationsModule.locations.1.contacts.0.phone: invalid_type',
  );
});
