import { expect, test } from 'vitest';
import type { Trial } from '../../src/trials/trial.ts';
import { describeForSearch } from '../../src/web/trial-json-ld.ts';
import { sampleSnapshot } from '../support/sample.ts';

const statusOf = (trial: Trial): unknown =>
  (describeForSearch(trial, 'https://example.org/') as { status?: unknown }).status;

test('search engines are told that a study recruits only where it is open here', () => {
  const { trials } = sampleSnapshot;
  const recruiting = trials.filter(({ overallStatus }) => overallStatus === 'RECRUITING');
  const open = recruiting.filter(({ availability }) => availability === 'open');
  expect(open.length).toBeGreaterThan(0);
  expect(recruiting.length).toBeGreaterThan(open.length);
  for (const trial of recruiting)
    expect(statusOf(trial), trial.nctId).toBe(
      open.includes(trial) ? 'https://schema.org/Recruiting' : undefined,
    );
});
