import process from 'node:process';

/** As in sysexits.h. */
export const EXIT_USAGE = 64;
export const EXIT_NO_INPUT = 66;

/** Ends a command with one plain line: what was asked of it cannot be done, and no stack tells more. */
export function endCommand(code: number, line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(code);
}
