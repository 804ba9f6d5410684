import { describe, expect, test } from 'vitest';
import { runCommand } from './support/service-process.ts';

describe('a command that cannot do what is asked', { timeout: 30_000 }, () => {
  test.each([
    ['tools/normalize-records.ts', [], 64, /^usage: npm run records/],
    ['tools/normalize-records.ts', ['nowhere'], 66, /nowhere/],
    ['tools/normalize-records.ts', ['sample'], 66, /no study record .* is in sample/],
    ['tools/serve-registry.ts', ['nowhere'], 66, /nowhere/],
    ['tools/serve-registry.ts', ['package.json'], 66, /package\.json/],
    ['tools/serve-registry.ts', ['README.md'], 66, /README\.md/],
    ['tools/serve-registry.ts', ['--prt', '1'], 64, /^usage: npm run registry/],
    ['tools/serve-registry.ts', ['--port', 'x'], 64, /^usage: npm run registry/],
  ] as const)('%s %j says so in one line and ends with %i', async (file, given, code, line) => {
    const ended = await runCommand(file, given, {});
    expect(ended).toMatchObject({ code, output: [], errors: [expect.stringMatching(line)] });
  });
});
