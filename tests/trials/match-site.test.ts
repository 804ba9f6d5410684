import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPackProblems } from '../../src/trials/check-pack.ts';
import { createSiteMatcher, foldFacility } from '../../src/trials/match-site.ts';
import { createConditionNames } from '../../src/trials/name-condition.ts';
import { pack } from '../support/sample.ts';

const matchSite = createSiteMatcher(pack);
const here = { city: 'Birmingham', state: 'Alabama', country: 'United States' };
const keyOf = (facility: string | null) => matchSite({ facility, ...here })?.site.key;

test('every example of the pack holds', () => {
  expect(findPackProblems(pack)).toEqual([]);
});

test('a wrong example, a doubled key and a slow pattern are problems', () => {
  const [first, ...others] = pack.sites;
  if (first === undefined) throw new Error('no sites');
  const broken = (change: Partial<typeof first>) =>
    findPackProblems({ ...pack, sites: [{ ...first, ...change }, ...others] });
  expect(broken({ mustMatch: ['UAB Hospital'] })).toEqual([
    '"UAB Hospital" must match site va, and matches uab',
  ]);
  expect(broken({ key: 'uab', mustMatch: [] })).toContain('site key uab is used twice');
  expect(broken({ patterns: ['(a+)+b'] })).toEqual(['pattern (a+)+b could take exponential time']);
  expect(broken({ patterns: ['('] })[0]).toContain('does not compile');
});

test('a name that is passed over is as it is when it is folded', () => {
  const unit = fc.constantFrom(...'aBZ09 .-&'.split(''), '  ', 'é', '\u00a0', 'K');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (name) => {
      // An apostrophe makes it be folded, and is gone then.
      expect(foldFacility(name)).toBe(foldFacility(`'${name}`));
    }),
  );
});

describe('facilities', () => {
  test.each([
    ["Children's Hospital of Alabama", 'childrens'],
    ['Children’s Hospital of Alabama', 'childrens'],
    ['Childrens Hospital of Alabama', 'childrens'],
    ['Univ of Alabama Birmingham', 'uab'],
    ['University of Alabama in Birmingham', 'uab'],
    ['University of Alabama at Birmingham, (UAB) Hospital, Comprehensive Cancer Center', 'uab'],
    ['The Kirklin Clinic', 'uab'],
    ['University of Alabama at Birmingham- Site Number : 8400013', 'uab'],
    ['Veterans Administration Medical Center - Birmingham', 'va'],
    ["UAB St. Vincent's", 'st-vincents'],
    ['Research Site', 'withheld'],
    ['Universito of Birmingham atAlabama', 'garbled'],
    ['', 'unnamed'],
    [null, 'unnamed'],
    ['Parkway Medical Center', 'other'],
  ])('%s is %s', (facility, key) => {
    expect(keyOf(facility)).toBe(key);
  });

  test.each([
    'BIRMINGHAM',
    ' birmingham.',
    '\u2018Birmingham',
    '\uff22irmingham',
    'B\u0307irmingham',
    '\u1e02irmingham',
  ])('the city may be written %j', (city) => {
    expect(matchSite({ facility: 'UAB Hospital', ...here, city })?.site.key).toBe('uab');
  });

  test('Birmingham in the United Kingdom is never ours, whatever its name', () => {
    const listed = { facility: 'University of Alabama at Birmingham', city: 'Birmingham' };
    expect(matchSite({ ...listed, state: null, country: 'United Kingdom' })).toBeNull();
    expect(matchSite({ ...listed, state: 'Michigan', country: 'United States' })).toBeNull();
  });

  test('a bare University of Alabama is ours in Birmingham and not in Tuscaloosa', () => {
    const listed = { facility: 'University of Alabama', state: 'Alabama', country: 'United States' };
    expect(matchSite({ ...listed, city: 'Birmingham' })?.site.key).toBe('uab');
    expect(matchSite({ ...listed, city: 'Tuscaloosa' })).toBeNull();
  });
});

describe('namings of ALL', () => {
  const names = createConditionNames(pack.condition);

  test.each(pack.condition.mustMatch)('%s names it', (text) => {
    expect(names.findCondition(text)).not.toBeNull();
  });

  test.each(pack.condition.mustNotMatch)('%s does not', (text) => {
    expect(names.findCondition(text)).toBeNull();
  });

  test('a basket is not found inside the name of another disease', () => {
    expect(names.findBasket('Acute Myeloid Leukemia')).toBeNull();
    expect(names.findBasket('Acute Leukemia')).toMatchObject({ generic: false });
    expect(names.findBasket('Leukemia')).toMatchObject({ generic: true });
  });
});
