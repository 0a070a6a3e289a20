/** Whose tokens take a role. */
export interface TrustedApps {
  readonly oidcProviderArn: string;
  readonly issuer: string;
  readonly clientIds: readonly string[];
}

/**
 * What is entered in RAM as the trust policy of a role: this issuer's tokens for these apps, and no other's. Who of the
 * people may take it is decided before a token is made; RAM could tell them by `oidc:sub` at most.
 */
export function trustPolicy({ oidcProviderArn, issuer, clientIds }: TrustedApps): Readonly<Record<string, unknown>> {
  return {
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Federated: [oidcProviderArn] },
        Condition: { StringEquals: { 'oidc:iss': issuer, 'oidc:aud': [...clientIds] } },
      },
    ],
  };
}
