import { expect, test } from 'vitest';
import { readConfig, SettingWrong } from '../src/config.ts';

test('every setting has a default', () => {
  expect(readConfig({})).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 3000,
    SYNC_INTERVAL_SECONDS: 3600,
    BUNDLED_SAMPLE: 'serve',
  });
});

test.each(['', 'src', 'nowhere/to/be/made'])(
  'a folder that is there, or can be made, or none: "%s"',
  (folder) => {
    expect(readConfig({ DATA_DIR: folder }).DATA_DIR).toBe(folder);
  },
);

test.each([
  ['PORT', '99999'],
  ['PORT', ''],
  ['PORT', '3e3'],
  ['SYNC_INTERVAL_SECONDS', '-1'],
  ['BUNDLED_SAMPLE', 'false'],
  ['CTGOV_BASE_URL', 'file:///etc/passwd'],
  ['PUBLIC_URL', 'trials.example'],
  ['PUBLIC_URL', 'https://trials.example?a'],
  ['PUBLIC_URL', 'https://trials.example#a'],
  ['PUBLIC_URL', 'https://user:word@trials.example'],
  ['PUBLIC_URL', 'https://trials.example/\r\nx: 1'],
  ['PUBLIC_URL', 'https://trials.example/"><b>'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', 'abc'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['LOG_LEVEL', 'loud'],
  ['DATA_DIR', 'package.json'],
  ['DATA_DIR', 'package.json/data'],
  ['CTGOV_USER_AGENT', 'a\r\nx-header: 1'],
])('%s=%s is refused in one line that names it', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(SettingWrong);
  expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} is "[^\\n]*"; allowed: [^\\n]+$`));
});
