import { z } from 'zod';
import { NctId, type Trial } from '../trials/trial.ts';
import { shortHash } from './short-hash.ts';
import type { Snapshot } from './snapshot.ts';

const NamedTrial = z.object({ nctId: NctId, briefTitle: z.string() });

/** What a list brings and takes away, for the eyes of an operator. */
export const SnapshotDiff = z
  .object({
    added: z.array(NamedTrial),
    gone: z.array(NamedTrial),
    changed: z.array(
      NamedTrial.extend({ fields: z.array(z.string()).describe('Fields of the trial that differ.') }),
    ),
  })
  .meta({ id: 'SnapshotDiff' });
export type SnapshotDiff = z.infer<typeof SnapshotDiff>;

/** `source` carries the day of the data and `notices` follow from it: they change with no word of the study. */
const FIELDS_OF_THE_DAY = new Set<string>(['source', 'notices']);

/** The fields that tell trials apart, in the order of the schema. */
export function fieldsOf(trial: Trial): (keyof Trial)[] {
  return (Object.keys(trial) as (keyof Trial)[]).filter((field) => !FIELDS_OF_THE_DAY.has(field));
}

/** The trials that came, went and changed; of changed ones also where. */
export function compareSnapshots(before: Snapshot | null, after: Snapshot): SnapshotDiff {
  const name = ({ nctId, briefTitle }: Trial) => ({ nctId, briefTitle });
  return {
    added: after.trials.filter(({ nctId }) => !before?.findTrial(nctId)).map(name),
    gone: (before?.trials ?? []).filter(({ nctId }) => after.findTrial(nctId) === null).map(name),
    changed: after.trials.flatMap((trial) => {
      const old = before?.findTrial(trial.nctId);
      const fields = old ? changedFields(old, trial) : [];
      return fields.length === 0 ? [] : [{ ...name(trial), fields }];
    }),
  };
}

function changedFields(old: Trial, trial: Trial): string[] {
  return fieldsOf(trial).filter((field) => JSON.stringify(old[field]) !== JSON.stringify(trial[field]));
}

/** Equal for snapshots whose trials say the same, on whatever day. */
export function fingerprint(snapshot: Snapshot): string {
  const said = snapshot.trials.map((trial) => JSON.stringify(fieldsOf(trial).map((field) => trial[field])));
  return shortHash(said.join(''));
}
