import { attachPatientFinder } from './patient.ts';
import { attachClinicianFinder } from './clinician.ts';

/** Brings every finder of a document or shadow root to life; what the server rendered stays what it is. */
export function attachFinders(root: ParentNode): void {
  for (const finder of root.querySelectorAll<HTMLElement>('[data-finder]'))
    (finder.dataset['view'] === 'clinician' ? attachClinicianFinder : attachPatientFinder)(finder);
}
