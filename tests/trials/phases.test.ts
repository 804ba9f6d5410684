import { expect, test } from 'vitest';
import { phaseLabel, phasesOf } from '../../src/trials/phases.ts';

test.each([
  [['PHASE1', 'PHASE2'], 'Phase 1/2', ['1', '2']],
  [['EARLY_PHASE1'], 'Early Phase 1', ['early_1']],
  [['PHASE3'], 'Phase 3', ['3']],
  [['NA'], 'Not applicable', ['na']],
  [['PHASE9'], 'Unknown phase', []],
])('%j is %s', (registryPhases, label, phases) => {
  expect(phaseLabel(registryPhases, 'INTERVENTIONAL')).toBe(label);
  expect(phasesOf(registryPhases)).toEqual(phases);
});

test('no phase at all is not "not applicable"', () => {
  expect(phasesOf([])).toEqual(['none']);
  expect(phaseLabel([], 'OBSERVATIONAL')).toBe('No phase (observational)');
  expect(phaseLabel([], 'EXPANDED_ACCESS')).toBe('No phase (expanded access)');
});
