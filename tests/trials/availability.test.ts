import { describe, expect, test } from 'vitest';
import { bestAvailability, siteAvailability } from '../../src/trials/availability.ts';

const of = (overallStatus: string, siteStatus: string | null) =>
  siteAvailability({ overallStatus, siteStatus });

describe('contract 5.3', () => {
  test.each([
    ['RECRUITING', 'RECRUITING', 'open'],
    ['RECRUITING', 'NOT_YET_RECRUITING', 'opening_soon'],
    ['RECRUITING', 'ENROLLING_BY_INVITATION', 'by_invitation'],
    ['RECRUITING', 'SUSPENDED', 'paused'],
    ['RECRUITING', 'ACTIVE_NOT_RECRUITING', 'closed'],
    ['RECRUITING', 'COMPLETED', 'closed'],
    ['RECRUITING', 'TERMINATED', 'closed'],
    ['RECRUITING', 'WITHDRAWN', 'closed'],
    ['RECRUITING', 'SOMETHING_NEW', 'unknown'],
    ['NOT_YET_RECRUITING', 'RECRUITING', 'opening_soon'],
    ['NOT_YET_RECRUITING', 'WITHDRAWN', 'closed'],
    ['ENROLLING_BY_INVITATION', 'NOT_YET_RECRUITING', 'opening_soon'],
    ['SUSPENDED', 'RECRUITING', 'paused'],
    ['COMPLETED', 'COMPLETED', 'closed'],
    ['UNKNOWN', 'COMPLETED', 'unknown'],
    ['WITHHELD', 'RECRUITING', 'unknown'],
    ['SOMETHING_NEW', 'RECRUITING', 'unknown'],
  ])('%s with a site that is %s: %s', (overallStatus, siteStatus, availability) => {
    expect(of(overallStatus, siteStatus)).toMatchObject({ availability, inferred: false });
  });

  test.each([
    ['RECRUITING', 'unknown'],
    ['NOT_YET_RECRUITING', 'opening_soon'],
    ['ENROLLING_BY_INVITATION', 'by_invitation'],
    ['SUSPENDED', 'paused'],
    ['ACTIVE_NOT_RECRUITING', 'closed'],
    ['AVAILABLE', 'open'],
    ['TEMPORARILY_NOT_AVAILABLE', 'paused'],
    ['NO_LONGER_AVAILABLE', 'closed'],
    ['APPROVED_FOR_MARKETING', 'closed'],
    ['UNKNOWN', 'unknown'],
  ])('%s with a site without a status: %s', (overallStatus, availability) => {
    expect(of(overallStatus, null)).toMatchObject({ availability, inferred: true });
  });

  test('a closed study whose site says otherwise is closed, with a notice', () => {
    expect(of('COMPLETED', 'RECRUITING')).toEqual({
      availability: 'closed',
      inferred: false,
      notice: 'status_conflict',
    });
    expect(of('COMPLETED', 'TERMINATED').notice).toBeNull();
  });

  test('a lapsed study with a frozen recruiting site is unknown, with a notice', () => {
    expect(of('UNKNOWN', 'RECRUITING')).toMatchObject({ availability: 'unknown', notice: 'lapsed' });
  });
});

describe('the best of some sites', () => {
  const site = (kind: string, availability: 'open' | 'closed' | 'unknown') => ({ kind, availability });

  test('is the most open one, wherever it stands in the list', () => {
    expect(bestAvailability([site('confirmed', 'closed'), site('confirmed', 'open')])).toBe('open');
  });

  test('is never that of a withheld name while one is surely ours', () => {
    expect(bestAvailability([site('confirmed', 'closed'), site('possible', 'open')])).toBe('closed');
    expect(bestAvailability([site('possible', 'open')])).toBe('open');
  });
});
