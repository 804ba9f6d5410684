import type { Words } from './words/words.ts';

/** The texts that the browser puts into the dense view by itself. */
export function clinicianBrowserWords({ clinician }: Words) {
  const { chip, remove, shown, without, leftOut, set, inUse, verdict, nothingStated } = clinician;
  const { compare, compareCount, compareHint, copied, copyFailed, copyField, csvName } = clinician;
  const { group } = clinician;
  return {
    chip,
    remove,
    shown,
    without,
    leftOut,
    set,
    inUse,
    verdict,
    nothingStated,
    compare,
    compareCount,
    compareHint,
    copied,
    copyFailed,
    copyField,
    csvName,
    group,
  };
}
export type ClinicianBrowserWords = ReturnType<typeof clinicianBrowserWords>;
