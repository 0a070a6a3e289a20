export const LIFETIME_PRESETS = ['idaas', 'short'] as const;
export type LifetimePreset = (typeof LIFETIME_PRESETS)[number];

/** Lifetimes that belong together, in seconds, under the wire names. */
const LIFETIMES = {
  /** As Alibaba Cloud IDaaS has them: tokens for a working day, refreshed for a month. */
  idaas: {
    access_token_lifetime: 7_200,
    id_token_lifetime: 36_000,
    refresh_token_lifetime: 2_592_000,
    refresh_token_idle_lifetime: null,
  },
  /** Ten minutes, refreshed as long as the app is used every eight hours. */
  short: {
    access_token_lifetime: 600,
    id_token_lifetime: 600,
    refresh_token_lifetime: 2_592_000,
    refresh_token_idle_lifetime: 28_800,
  },
} as const;

/** The fields that a preset stands for. */
export function presetLifetimes(preset: LifetimePreset | undefined): Partial<(typeof LIFETIMES)[LifetimePreset]> {
  return preset === undefined ? {} : LIFETIMES[preset];
}
