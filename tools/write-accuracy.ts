import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildAccuracyPage } from './build-accuracy-page.ts';

/**
 * `npm run accuracy`: writes docs/accuracy.md. With a folder of registry records it first takes the labelled ones
 * over into accuracy/studies.json, without people and places.
 */

interface StudyFile {
  protocolSection: Record<string, unknown>;
  derivedSection?: { conditionBrowseModule?: { meshes?: unknown } };
}

const KEPT_MODULES = [
  'identificationModule',
  'statusModule',
  'descriptionModule',
  'conditionsModule',
  'designModule',
  'armsInterventionsModule',
  'eligibilityModule',
];

/** The parts that are read for tiers and facets: no contacts, sites, officials, sponsors, outcomes. */
function keepText(study: StudyFile): unknown {
  const { protocolSection: section } = study;
  const kept = KEPT_MODULES.filter((name) => section[name] !== undefined).map((name) => [
    name,
    section[name],
  ]);
  const modules = Object.fromEntries(kept) as Record<string, Record<string, unknown>>;
  const { nctId, briefTitle, officialTitle, acronym } = modules['identificationModule'] ?? {};
  const arms = modules['armsInterventionsModule'];
  return {
    protocolSection: {
      ...modules,
      identificationModule: { nctId, briefTitle, officialTitle, acronym },
      statusModule: { overallStatus: modules['statusModule']?.['overallStatus'] },
      descriptionModule: { briefSummary: modules['descriptionModule']?.['briefSummary'] },
      designModule: { studyType: modules['designModule']?.['studyType'] },
      ...(arms && { armsInterventionsModule: keepNames(arms) }),
      eligibilityModule: keepEligibility(modules['eligibilityModule'] ?? {}),
    },
    derivedSection: {
      conditionBrowseModule: { meshes: study.derivedSection?.conditionBrowseModule?.meshes ?? [] },
    },
  };
}

function keepNames(arms: Record<string, unknown>): unknown {
  const interventions = (arms['interventions'] ?? []) as Record<string, unknown>[];
  const armGroups = (arms['armGroups'] ?? []) as Record<string, unknown>[];
  return {
    interventions: interventions.map(({ type, name, otherNames }) => ({ type, name, otherNames })),
    armGroups: armGroups.map(({ label }) => ({ label })),
  };
}

function keepEligibility({
  eligibilityCriteria,
  minimumAge,
  maximumAge,
  stdAges,
  sex,
}: Record<string, unknown>): unknown {
  return { eligibilityCriteria, minimumAge, maximumAge, stdAges, sex };
}

const folder = process.argv[2];
if (folder !== undefined) {
  const labels = JSON.parse(await readFile('accuracy/labels.json', 'utf8')) as { nctId: string }[];
  const lines = await Promise.all(
    labels.map(async ({ nctId }) => {
      const study = JSON.parse(await readFile(join(folder, `${nctId}.json`), 'utf8')) as StudyFile;
      return JSON.stringify(keepText(study));
    }),
  );
  await writeFile('accuracy/studies.json', `[\n${lines.join(',\n')}\n]\n`);
}
await writeFile('docs/accuracy.md', await buildAccuracyPage());
process.stdout.write('docs/accuracy.md is written\n');
