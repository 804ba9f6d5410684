import { expect, test } from 'vitest';
import { createRareLog } from '../../src/http/log-rarely.ts';

test('the first of a kind is written at once, then one a minute with the number of those between', () => {
  let nowMs = 0;
  const lines: unknown[] = [];
  const log = createRareLog({
    monotonicMs: () => nowMs,
    write: (details, text) => void lines.push({ ...details, text }),
  });
  log('shed', 'refused');
  for (nowMs = 1; nowMs < 60_000; nowMs += 1_000) log('shed', 'refused');
  log('slow', 'cut');
  nowMs = 60_000;
  log('shed', 'refused');
  nowMs = 120_000;
  log('shed', 'refused');
  expect(lines).toEqual([
    { kind: 'shed', suppressed: 0, text: 'refused' },
    { kind: 'slow', suppressed: 0, text: 'cut' },
    { kind: 'shed', suppressed: 60, text: 'refused' },
    { kind: 'shed', suppressed: 0, text: 'refused' },
  ]);
});
