const DAY_MS = 86_400_000;
const TOLD_DAYS = 90;

/** For 90 days it is told which trials left the list and what each publication changed. */
export function isRecent(at: string, nowMs: number): boolean {
  return nowMs - Date.parse(at) < TOLD_DAYS * DAY_MS;
}
