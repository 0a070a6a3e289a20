import { Injectable } from '@nestjs/common';
import { ClinchConfig } from '../config/clinch-config.js';
import { OutboundCertificates, type PresentedCertificates } from '../outbound/outbound-certificates.js';

/** Milliseconds. Long enough for whoever reloads a page, short enough for whoever changes a certificate. */
const KEPT_MS = 60_000;

interface Look {
  readonly seen: Promise<PresentedCertificates>;
  /** By a clock that never jumps. */
  readonly until: number;
}

/**
 * The certificates of the issuer's own host, as whoever comes from outside sees them. One look at a time: whoever asks
 * meanwhile gets what that sees.
 */
@Injectable()
export class IssuerCertificates {
  private last: Look | undefined;
  private looking: Promise<PresentedCertificates> | undefined;

  constructor(
    private readonly certificates: OutboundCertificates,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * As they are now.
   *
   * @throws {Error} when the issuer is not https, or nobody answers
   */
  async presented(): Promise<PresentedCertificates> {
    this.looking ??= this.look();
    return this.looking;
  }

  /**
   * What RAM calls the fingerprint of an OIDC provider: SHA-1, in hexadecimal digits, of the last certificate that the host
   * presents. As it was within the last minute, so that reading it does not go out each time; so is that there was none.
   *
   * @throws {Error} when the issuer is not https, or nobody answers
   */
  async thumbprint(): Promise<string> {
    const kept = this.last !== undefined && performance.now() < this.last.until ? this.last : undefined;
    return thumbprintOf(await (kept?.seen ?? this.presented()));
  }

  private async look(): Promise<PresentedCertificates> {
    const seen = this.certificates.presentedBy(this.config.issuer);
    try {
      return await seen;
    } finally {
      this.last = { seen, until: performance.now() + KEPT_MS };
      this.looking = undefined;
    }
  }
}

export function thumbprintOf({ chain }: PresentedCertificates): string {
  return (chain.at(-1)?.fingerprint ?? '').replaceAll(':', '').toLowerCase();
}
