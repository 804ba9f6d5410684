import { expect, test } from 'vitest';
import { sampleSnapshot } from '../support/sample.ts';
import { buildTestApp, CHECKED_AT } from '../support/test-app.ts';

test('a list that comes to a service without one is prepared', async () => {
  const app = await buildTestApp({ snapshot: null });
  app.preparation.start();
  app.catalog.publish({ snapshot: sampleSnapshot, source: 'registry', checkedAt: CHECKED_AT });
  await app.preparation.settled();
  await app.server.inject('/v1/trials?ageGroup=child');
  expect(app.logLines.some((line) => line.includes('"cache":"hit"'))).toBe(true);
});
