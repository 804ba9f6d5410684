import { expect, test } from 'vitest';
import { AVAILABILITIES } from '../../src/trials/vocabulary.ts';
import { renderIcon } from '../../src/web/icons.ts';

test.each(AVAILABILITIES)('%s has an icon that is small without a style sheet', (availability) => {
  expect(renderIcon(availability).toString()).toMatch(/^<svg [^>]*width="16" height="16"/);
});
