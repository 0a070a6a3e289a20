import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
];

const MAC_APPS = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

const WINDOWS_PATHS = [
  ['Google', 'Chrome', 'Application', 'chrome.exe'],
  ['Chromium', 'Application', 'chrome.exe'],
  ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
];

/** A browser of Chromium's family on this machine, or undefined. `CHROME_PATH` names one that lies elsewhere. */
export function findBrowser(environment: NodeJS.ProcessEnv, exists = existsSync): string | undefined {
  const { CHROME_PATH, PATH = '', LOCALAPPDATA, PROGRAMFILES } = environment;
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  const roots = [PROGRAMFILES, environment['PROGRAMFILES(X86)'], LOCALAPPDATA].filter((root) => root !== undefined);
  const candidates = [
    ...(CHROME_PATH ? [CHROME_PATH] : []),
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...MAC_APPS,
    ...roots.flatMap((root) => WINDOWS_PATHS.map((path) => join(root, ...path))),
  ];
  return candidates.find((path) => exists(path));
}
