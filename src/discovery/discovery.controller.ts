import { Controller, Get, Header } from '@nestjs/common';
import { ASSERTION_ALGORITHMS } from '../app-registry/client-assertions.js';
import { CLAIMS_OF_ALL_SCOPES } from '../claims/standard-claims.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { CustomScopes } from '../custom-scopes/custom-scopes.js';
import { GrantRegistry } from '../grant/grant-registry.js';
import { CrossOrigin } from '../http/cross-origin.js';
import { RouteTable } from '../http/route-table.js';
import { SINGLE_FACTOR_ACR } from '../interaction/password-sign-in.js';
import { RESPONSE_MODE_VALUES } from '../protocol/authorization-request.js';
import { PROMPT_VALUES } from '../protocol/prompt.js';
import { SIGNING_ALGORITHMS } from '../protocol/signing-algorithm.js';
import { MESSAGES } from '../ui/messages.js';

/** The members that name an endpoint; each appears when its path is really mounted. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  authorization_endpoint: '/oidc/authorize',
  token_endpoint: '/oidc/token',
  userinfo_endpoint: '/oidc/userinfo',
  jwks_uri: '/oidc/jwks',
  registration_endpoint: '/oidc/register',
  revocation_endpoint: '/oidc/revoke',
  introspection_endpoint: '/oidc/introspect',
  end_session_endpoint: '/oidc/logout',
};

/** OpenID Connect Discovery 1.0 §3 and RFC 8414 §2, one document at both addresses. */
@Controller()
export class DiscoveryController {
  /** But for what an operator can change: the scopes and their claims. */
  private document: Record<string, unknown> | undefined;

  constructor(
    private readonly config: ClinchConfig,
    private readonly grants: GrantRegistry,
    private readonly routes: RouteTable,
    private readonly customScopes: CustomScopes,
  ) {}

  @Get(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])
  @Header('Cache-Control', 'public, max-age=300')
  @CrossOrigin('any')
  async discovery(): Promise<Record<string, unknown>> {
    this.document ??= this.build();
    const customScopes = await this.customScopes.announced();
    const claims = customScopes.flatMap((scope) => scope.claims.map(({ name }) => name));
    return {
      ...this.document,
      scopes_supported: [...this.scopes(), ...customScopes.map(({ name }) => name)],
      claims_supported: [...new Set([...this.claims(), ...claims])],
    };
  }

  private build(): Record<string, unknown> {
    const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'];
    return {
      issuer: this.config.issuer,
      ...this.endpoints(),
      response_types_supported: ['code'],
      response_modes_supported: RESPONSE_MODE_VALUES,
      grant_types_supported: this.grants.all().map(({ type }) => type),
      subject_types_supported: ['public', 'pairwise'],
      id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      introspection_endpoint_auth_methods_supported: methods.filter((method) => method !== 'none'),
      introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      code_challenge_methods_supported: ['S256'],
      acr_values_supported: [SINGLE_FACTOR_ACR],
      prompt_values_supported: PROMPT_VALUES,
      display_values_supported: ['page', 'popup', 'touch'],
      claim_types_supported: ['normal'],
      ui_locales_supported: Object.keys(MESSAGES),
      claims_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    };
  }

  private endpoints(): Record<string, string> {
    const fromGrants = this.grants.all().flatMap(({ metadata }) => Object.entries(metadata ?? {}));
    const mounted = [...Object.entries(ENDPOINTS), ...fromGrants].filter(
      ([, path]) => this.routes.at(path) !== undefined,
    );
    return Object.fromEntries(mounted.map(([member, path]) => [member, this.config.url(path)]));
  }

  /** `offline_access` where there is a grant for what it gives (OpenID Connect Core 1.0 §11). */
  private scopes(): string[] {
    const refreshes = this.grants.find('refresh_token') !== undefined;
    return ['openid', ...Object.keys(CLAIMS_OF_ALL_SCOPES), ...(refreshes ? ['offline_access'] : [])];
  }

  private claims(): string[] {
    const ofTheToken = ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'azp', 'sid', 'at_hash'];
    return [...ofTheToken, ...Object.values(CLAIMS_OF_ALL_SCOPES).flat()];
  }
}
