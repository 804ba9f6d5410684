import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** As Debian names it first, then as others do. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The Chromium of this machine, or of `CHROMIUM_PATH`; says what to do where there is none. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // Root may start no sandbox; only pages of ours are opened.
    chromiumSandbox: process.getuid?.() !== 0,
    // Nothing that Chromium does by itself may reach for the network or differ from run to run.
    // Readers go back to a page as they left it, which playwright turns off.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--lang=en-US'],
  });
}

function findChromium(): string {
  const asked = process.env['CHROMIUM_PATH'];
  if (asked !== undefined && asked !== '') {
    if (isProgram(asked)) return asked;
    throw new Error(`CHROMIUM_PATH is ${asked}, which is no program.`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (found === undefined)
    throw new Error('No Chromium here: apt-get install chromium, or set CHROMIUM_PATH to one.');
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
