import { createContext } from 'preact';

/** Whose house it is: what operators set for the look of all pages. */
export interface Brand {
  readonly name: string;
  readonly logoUri?: string | undefined;
  /** What the company says of personal data. */
  readonly privacyNoticeUri?: string | undefined;
  /** `#rrggbb`. */
  readonly accentColor?: string | undefined;
  /** The stylesheet with the company's colours, where there are any. */
  readonly themeHref?: string | undefined;
}

/** As long as nobody has set anything. */
export const CLINCH: Brand = { name: 'Clinch' };

/**
 * The brand of the page that is being rendered. It is the frame's matter and no page's own: so no page can be written
 * that forgets to hand it on.
 */
export const CurrentBrand = createContext<Brand>(CLINCH);
