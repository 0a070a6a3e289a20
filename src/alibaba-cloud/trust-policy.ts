/** Whose tokens take a role. */
export interface TrustedApp {
  readonly oidcProviderArn: string;
  readonly issuer: string;
  readonly clientId: string;
}

/**
 * What is entered in RAM as the trust policy of a role: this issuer's tokens for this app, and no other's. Who of the
 * people may take it is decided before a token is made; RAM could tell them by `oidc:sub` at most.
 */
export function trustPolicy({ oidcProviderArn, issuer, clientId }: TrustedApp): Readonly<Record<string, unknown>> {
  return {
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Federated: [oidcProviderArn] },
        Condition: { StringEquals: { 'oidc:iss': issuer, 'oidc:aud': [clientId] } },
      },
    ],
  };
}
