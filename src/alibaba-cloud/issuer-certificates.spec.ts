import type { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClinchConfig } from '../config/clinch-config.js';
import type { OutboundCertificates, PresentedCertificates } from '../outbound/outbound-certificates.js';
import { IssuerCertificates, thumbprintOf } from './issuer-certificates.js';

const certificate = (fingerprint: string) => ({ fingerprint }) as X509Certificate;
const presenting = (fingerprint: string): PresentedCertificates => ({
  chain: [certificate(fingerprint)],
  fault: undefined,
});

const presentedBy = vi.fn<OutboundCertificates['presentedBy']>();
let certificates: IssuerCertificates;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  presentedBy.mockReset();
  const config = ClinchConfig.fromEnvironment({ CLINCH_ISSUER: 'https://id.example' });
  certificates = new IssuerCertificates({ presentedBy } as unknown as OutboundCertificates, config);
});
afterEach(() => vi.useRealTimers());

describe('the thumbprint', () => {
  it('is the SHA-1 of the last certificate, in hexadecimal digits', () => {
    const chain = [certificate('AA:BB'), certificate('90:2E:F2:DE')];
    expect(thumbprintOf({ chain, fault: undefined })).toBe('902ef2de');
  });

  it('is looked at once a minute, whoever reads it', async () => {
    presentedBy.mockResolvedValueOnce(presenting('AA')).mockResolvedValueOnce(presenting('BB'));
    expect(await certificates.thumbprint()).toBe('aa');
    vi.advanceTimersByTime(59_999);
    expect(await certificates.thumbprint()).toBe('aa');
    expect(presentedBy).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(await certificates.thumbprint()).toBe('bb');
  });

  it('that could not be seen is not asked for again within the minute', async () => {
    presentedBy.mockRejectedValueOnce(new Error('nobody there')).mockResolvedValueOnce(presenting('AA'));
    await expect(certificates.thumbprint()).rejects.toThrow('nobody there');
    await expect(certificates.thumbprint()).rejects.toThrow('nobody there');
    expect(presentedBy).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(60_000);
    expect(await certificates.thumbprint()).toBe('aa');
  });

  it('is that of the last check, which looks itself', async () => {
    presentedBy.mockResolvedValueOnce(presenting('AA')).mockResolvedValueOnce(presenting('BB'));
    await certificates.thumbprint();
    expect(thumbprintOf(await certificates.presented())).toBe('bb');
    expect(await certificates.thumbprint()).toBe('bb');
  });

  it('is looked at over one connection, however many ask at once', async () => {
    let answer: (seen: PresentedCertificates) => void = () => undefined;
    presentedBy.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const asked = [certificates.thumbprint(), certificates.presented(), certificates.thumbprint()];
    expect(presentedBy).toHaveBeenCalledTimes(1);
    answer(presenting('AA'));
    await Promise.all(asked);
    await certificates.presented();
    expect(presentedBy).toHaveBeenCalledTimes(2);
  });
});
