import { FAULTS } from '../tests/support/fault-list.ts';

/** The page of faults: each with what the service does and the tests that play it. */
export function buildFaultsPage(): string {
  const sections = Object.entries(FAULTS).map(([heading, faults]) => {
    const rows = faults.map(
      ({ fault, effect, tests }) =>
        `| ${fault} | ${effect} | ${tests.map(([file, title]) => `\`tests/${file}\`${title === '' ? '' : `: ${title}`}`).join('<br>')} |`,
    );
    return `## ${heading}\n\n| fault | what happens | tests |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Faults, and the tests that play them

Made by \`npm run faults\` from \`tests/support/fault-list.ts\`; a test holds that the page is current and that each test is there. In a title, \`%s\` and \`%d\` stand for the rows of a table. Those under \`tests/redis/\` are run by \`npm run test:redis\`.

${sections.join('\n')}`;
}
