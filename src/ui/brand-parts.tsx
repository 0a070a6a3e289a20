/** What every frame shows of the brand: in the head of the document, on top of the page, and under it. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { CLINCH, CurrentBrand } from './brand.js';
import { contrast, rgb, WHITE } from './contrast.js';
import { graphemes, imageAddress, OutsideLink, webAddress } from './controls.js';
import { MESSAGES, type Locale } from './messages.js';

const CLINCH_COLOUR = '#2b55d9';
/** Two clasped links. */
const CLASP = ['M14 15.5H8.5a5.5 5.5 0 0 1 0-11H12', 'M10 8.5h5.5a5.5 5.5 0 0 1 0 11H12'] as const;

/** The icon and the stylesheets. The theme comes last: it is nothing but other values for the tokens of the first. */
export function BrandLinks(props: { readonly stylesheetHrefs: readonly string[] }): JSX.Element {
  const { name, accentColor = CLINCH_COLOUR, themeHref } = useContext(CurrentBrand);
  const hrefs = themeHref === undefined ? props.stylesheetHrefs : [...props.stylesheetHrefs, themeHref];
  return (
    <>
      <link rel="icon" href={icon(name, accentColor)} />
      {hrefs.map((href) => (
        <link rel="stylesheet" href={href} key={href} />
      ))}
    </>
  );
}

/** The company's logo and name, or Clinch's own. */
export function BrandMark(): JSX.Element {
  const { name, logoUri } = useContext(CurrentBrand);
  const logo = imageAddress(logoUri);
  return (
    <div class="wordmark">
      {logo === undefined ? (
        name === CLINCH.name && <Clasp />
      ) : (
        <img class="brand-logo" src={logo} alt="" referrerpolicy="no-referrer" />
      )}
      <span>{name}</span>
    </div>
  );
}

/** Where the company says what becomes of personal data; nothing where it does not. */
export function PrivacyNotice(props: { readonly locale: Locale }): JSX.Element | null {
  const address = webAddress(useContext(CurrentBrand).privacyNoticeUri);
  if (address === undefined) return null;
  return (
    <OutsideLink href={address} locale={props.locale}>
      {MESSAGES[props.locale].common.privacyNotice}
    </OutsideLink>
  );
}

/** Under the page: the notice, and the mark where the app stands on top. */
export function BrandFoot(props: { readonly locale: Locale; readonly marked: boolean }): JSX.Element | null {
  const { privacyNoticeUri } = useContext(CurrentBrand);
  if (!props.marked && privacyNoticeUri === undefined) return null;
  return (
    <div class="page-brand">
      {/* The name before the notice, which is not the app's. */}
      {props.marked && <BrandMark />}
      <PrivacyNotice locale={props.locale} />
    </div>
  );
}

/** The document's title: with the brand's name, unless it says already which app it is about. */
export function BrandedTitle(props: { readonly title: string; readonly complete: boolean }): JSX.Element {
  const { name } = useContext(CurrentBrand);
  return <title>{props.complete ? props.title : `${props.title} · ${name}`}</title>;
}

function Clasp(): JSX.Element {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" fill="none" aria-hidden="true" focusable="false">
      <g stroke="currentColor" stroke-width="2.4" stroke-linecap="round">
        {CLASP.map((path) => (
          <path d={path} key={path} />
        ))}
      </g>
    </svg>
  );
}

// A data: address, so that no page costs a second request or a 404 for /favicon.ico.
function icon(name: string, colour: string): string {
  const ink = contrast(rgb(colour), WHITE) >= 3 ? '#fff' : '#000';
  const sign =
    name === CLINCH.name
      ? `<g transform="translate(4.2 4.2) scale(.65)" fill="none" stroke="${ink}" stroke-width="2.9" stroke-linecap="round">` +
        `${CLASP.map((path) => `<path d="${path}"/>`).join('')}</g>`
      : `<text x="12" y="17" text-anchor="middle" font-family="sans-serif" font-weight="600" font-size="14" fill="${ink}">` +
        `${escaped(graphemes(name)[0]?.toLocaleUpperCase() ?? '?')}</text>`;
  const tile = `<rect width="24" height="24" rx="6" fill="${colour}"/>`;
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${tile}${sign}</svg>`)}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
