import { PHASE, PHASES, type Phase } from './vocabulary.ts';

const BY_REGISTRY_VALUE = new Map<string, Phase>(
  PHASES.flatMap((phase) => {
    const value = PHASE[phase].registryValue;
    return value === null ? [] : [[value, phase]];
  }),
);

/** The phases a caller can ask for that this study has; `none` when the record has no phases (contract 5.2). */
export function phasesOf(registryPhases: readonly string[]): Phase[] {
  if (registryPhases.length === 0) return ['none'];
  return registryPhases.flatMap((value) => BY_REGISTRY_VALUE.get(value) ?? []);
}

/** `Phase 1/2`, `Early Phase 1`, `Not applicable`; a study without phases says why. */
export function phaseLabel(registryPhases: readonly string[], studyType: string | null): string {
  const phases = phasesOf(registryPhases);
  if (phases[0] === 'none') return `No phase (${kindInWords(studyType)})`;
  if (phases.length === 0) return 'Unknown phase';
  if (phases.length === 1) return PHASE[phases[0] as Phase].label;
  const numbers = phases.map((phase) => PHASE[phase].label.replace(/^Phase /, ''));
  return `Phase ${numbers.join('/')}`;
}

function kindInWords(studyType: string | null): string {
  if (studyType === 'EXPANDED_ACCESS') return 'expanded access';
  return studyType === 'OBSERVATIONAL' ? 'observational' : 'not stated';
}
