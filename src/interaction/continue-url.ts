import type { ClinchConfig } from '../config/clinch-config.js';

/** Where every page of an interaction returns to: the dispatcher decides anew from there. */
export const CONTINUE_PATH = '/oidc/authorize/continue';

export function continueUrl(config: ClinchConfig, interactionId: string): string {
  return `${config.url(CONTINUE_PATH)}?interaction=${interactionId}`;
}
