export const BUNDLED: string;
export function bundleBrowserScripts(): Promise<string>;
