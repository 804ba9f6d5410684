import { readFile, writeFile } from 'node:fs/promises';
import {
  ANSWER_HASHES,
  describePackers,
  hashAnswers,
  type KnownHashes,
} from '../tests/support/answer-hashes.ts';

/**
 * `npm run bytes`: writes the hashes of typical answers over the bundled sample, after a change of the sample, the
 * rules or the form of answers. What other libraries packed the same bodies into stays known.
 */
const before = await readFile(ANSWER_HASHES, 'utf8').catch(() => 'null');
const earlier = JSON.parse(before) as KnownHashes | null;
const { snapshotId, answers, packed } = await hashAnswers();
const same = JSON.stringify(earlier?.answers) === JSON.stringify(answers);
const known: KnownHashes = {
  snapshotId,
  answers,
  packed: { ...(same ? earlier?.packed : {}), [describePackers()]: packed },
};
await writeFile(ANSWER_HASHES, `${JSON.stringify(known, null, 2)}\n`);
process.stdout.write(`${ANSWER_HASHES.pathname.split('/').at(-1)} is written\n`);
