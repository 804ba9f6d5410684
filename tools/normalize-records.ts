import { createFacetFinder } from '../src/eligibility/find-facets.ts';
import { createSnapshotBuilder } from '../src/catalog/build-snapshot.ts';
import { readInstitutionPack } from '../src/read-institution-pack.ts';
import { normalizeStudy } from '../src/registry/normalize-study.ts';
import { readNctId, Study } from '../src/registry/study.ts';
import { createSiteMatcher } from '../src/trials/match-site.ts';
import { EXCLUSION_REASONS, RELEVANCES } from '../src/trials/vocabulary.ts';
import { endCommand, EXIT_NO_INPUT, EXIT_USAGE } from './end-command.ts';
import { readStudyFolder } from './read-study-folder.ts';

/** `npm run records -- DIR`: what the rules make of every study record of a folder. */

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
// Who reads the first lines only, as `head` does, has seen enough.
process.stdout.once('error', () => process.exit(0));
const folder = process.argv[2];
if (folder === undefined) endCommand(EXIT_USAGE, 'usage: npm run records -- DIR');

const pack = await readInstitutionPack(process.env['INSTITUTION_FILE'] ?? 'institutions/uab-all.json');
const records = await readStudyFolder(folder).catch((error: Error) =>
  endCommand(EXIT_NO_INPUT, `The folder cannot be read: ${error.message}`),
);
const studies = records.map((study) => ({ study, nctId: readNctId(study), foundBy: ['folder'] }));
const harvest = { dataTimestamp: null, etag: null, queries: [], studies };
const snapshot = await createSnapshotBuilder(pack, { modifications: '' })(harvest);

print(`${studies.length} studies read`);
for (const tier of RELEVANCES) {
  const kept = snapshot.trials.filter(({ relevance }) => relevance.tier === tier);
  print(`kept, ${tier}: ${kept.length}`);
  for (const { nctId, availability, sites, briefTitle, relevance } of kept) {
    const where = [...new Set(sites.map(({ key }) => key))].join('+');
    print(
      `  ${nctId} ${availability} ${where} | ${briefTitle.slice(0, 70)} | ${relevance.evidence[0]?.field}: ${relevance.evidence[0]?.text.slice(0, 60)}`,
    );
  }
}
for (const reason of EXCLUSION_REASONS) {
  const excluded = snapshot.excluded.filter((study) => study.reason === reason);
  print(`excluded, ${reason}: ${excluded.length}`);
  if (reason !== 'no_site_here')
    for (const { nctId, briefTitle } of excluded) print(`  ${nctId} ${briefTitle.slice(0, 90)}`);
}
print(`set aside: ${snapshot.setAside.length}`);
for (const { nctId, reason } of snapshot.setAside) print(`  ${nctId ?? '?'} ${reason}`);

const context = {
  matchSite: createSiteMatcher(pack),
  findFacets: createFacetFinder(pack.facets),
  asOf: '2026-01-01',
  modifications: '',
};
const normalized = studies.flatMap(({ study }) => {
  const parsed = Study.safeParse(study);
  return parsed.success ? [normalizeStudy(parsed.data, context)] : [];
});
const unknown = normalized.flatMap(({ trial, unknownValues }) =>
  unknownValues.map(({ field, value }) => `  ${trial.nctId} ${field}: ${value}`),
);
print(`unknown values: ${unknown.length}`);
for (const line of unknown) print(line);

const groups = { CHILD: 'child', ADULT: 'adult', OLDER_ADULT: 'older_adult' } as const;
const disagreeing = normalized.filter(({ trial }) => {
  const ours = Object.entries(groups).flatMap(([value, group]) =>
    trial.ageGroups.includes(group) ? [value] : [],
  );
  return (
    ours.join() !==
    Object.keys(groups)
      .filter((value) => trial.stdAges.includes(value))
      .join()
  );
});
print(`disagreements with stdAges: ${disagreeing.length}`);
for (const { trial } of disagreeing)
  print(
    `  ${trial.nctId} ${trial.minimumAge} - ${trial.maximumAge}: ${trial.stdAges.join()} against ${trial.ageGroups.join()}`,
  );
