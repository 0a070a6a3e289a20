import { Injectable } from '@nestjs/common';
import { ClinchConfig } from '../config/clinch-config.js';
import { OutboundCertificates, type PresentedCertificates } from '../outbound/outbound-certificates.js';

/** The certificates of the issuer's own host, as whoever comes from outside sees them. */
@Injectable()
export class IssuerCertificates {
  constructor(
    private readonly certificates: OutboundCertificates,
    private readonly config: ClinchConfig,
  ) {}

  /** @throws {Error} when the issuer is not https, or nobody answers */
  async presented(): Promise<PresentedCertificates> {
    return this.certificates.presentedBy(this.config.issuer);
  }

  /**
   * What RAM calls the fingerprint of an OIDC provider: SHA-1, in hexadecimal digits, of the last certificate that the host
   * presents.
   *
   * @throws {Error} when the issuer is not https, or nobody answers
   */
  async thumbprint(): Promise<string> {
    return thumbprintOf(await this.presented());
  }
}

export function thumbprintOf({ chain }: PresentedCertificates): string {
  return (chain.at(-1)?.fingerprint ?? '').replaceAll(':', '').toLowerCase();
}
