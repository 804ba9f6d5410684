import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readNctId } from '../registry/study.ts';
import type { Harvest } from './build-snapshot.ts';

const SamplePage = z.object({ studies: z.array(z.unknown()) });

/**
 * Reads the bundled sample: one page in the registry's own form and a table that says where and of which day each
 * study is. Real records of past days; never the current list.
 */
export async function readSample(folder: URL): Promise<Harvest> {
  const page = SamplePage.parse(JSON.parse(await readFile(new URL('studies.json', folder), 'utf8')));
  const dates = readDates(await readFile(new URL('SOURCES.tsv', folder), 'utf8'));
  const studies = page.studies.map((study) => {
    const nctId = readNctId(study);
    return { study, nctId, foundBy: ['sample'], dataDate: dates.get(nctId ?? '') ?? null };
  });
  const count = { name: 'sample', totalCount: studies.length, rows: studies.length, pages: 1 };
  return { dataTimestamp: null, etag: null, queries: [count], studies };
}

function readDates(table: string): Map<string, string> {
  const [header = '', ...rows] = table.trimEnd().split('\n');
  const column = header.split('\t').indexOf('dataDate');
  return new Map(
    rows.flatMap((row) => {
      const cells = row.split('\t');
      const day = /\d{4}-\d{2}-\d{2}/.exec(cells[column] ?? '')?.[0];
      return day === undefined ? [] : [[cells[0] ?? '', day] as const];
    }),
  );
}
