import { createSnapshot, type Snapshot } from '../../src/catalog/snapshot.ts';
import { pack, sampleSnapshot, sampleTrial } from './sample.ts';

/** Everything by which a text could leave its place in a page. */
export const HOSTILE_TEXT =
  ' "><img src=x onerror=alert(1)>\' onclick=alert(2) </script><script>alert(3)</script> javascript:alert(4) <!-- \u202eevil\u2066 {place} ${1} &lt;b&gt; <?hidden?> <?fit?> ';

/** What our own rules make, or check: values of closed lists, ids, addresses, dates. */
const OURS =
  /^(?:nctId|url|availability|kind|code|polarity|section|tier|id|key|siteKey|source|ageGroups|date|firstPosted|lastUpdatePosted|statusVerified|dataDate|minimumAge|maximumAge)$/;

/** A trial of the sample with a text behind every text that comes from the registry. */
export function snapshotWithText(nctId: string, text: string): Snapshot {
  const spoil = (value: unknown, name: string): unknown => {
    if (OURS.test(name)) return value;
    if (typeof value === 'string') return `${value}${text}`;
    if (Array.isArray(value)) return value.map((one) => spoil(one, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoil(one, key)]));
  };
  const full = {
    ...sampleTrial(nctId),
    acronym: 'ACRONYM',
    aliases: ['NCT00000001'],
    briefSummary: 'Summary',
    detailedDescription: 'Description',
    whyStopped: 'Reason',
    keywords: ['Word'],
    investigators: [{ name: 'Name', role: 'Role', affiliation: 'Place' }],
    contacts: [
      {
        name: 'Name',
        role: 'Role',
        phone: '205-638-9285',
        phoneExt: '7',
        email: 'team@uab.edu',
        source: 'site',
        siteKey: null,
      },
    ],
  };
  const trial = spoil(full, '') as Snapshot['trials'][number];
  return createSnapshot({ ...sampleSnapshot, trials: [trial], provenance: [] }, pack.facets);
}
