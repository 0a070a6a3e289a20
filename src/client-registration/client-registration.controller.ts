import { Controller, Delete, Get, Header, HttpCode, Param, Post, Req, UseFilters } from '@nestjs/common';
import { AdminAuthentication } from '../admin/admin-authentication.js';
import { neededScope } from '../admin/admin-scope.js';
import { readJson } from '../admin/read-json.js';
import { bearerFromHeader, TokenMissingError } from '../http/bearer.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { ClientConfiguration, REGISTRATION_PATH, type ClientInformation } from './client-configuration.js';
import { ClientRegistration } from './client-registration.js';
import { RegistrationErrorFilter } from './registration-error.filter.js';

/** Whoever may make apps in the admin API has an initial access token already: the one for it. */
const REGISTER = neededScope('apps', 'POST');

/** The client registration endpoint (RFC 7591 §3) and the client configuration endpoints (RFC 7592 §2), but for PUT. */
@Controller()
@UseFilters(RegistrationErrorFilter)
export class ClientRegistrationController {
  constructor(
    private readonly authentication: AdminAuthentication,
    private readonly registration: ClientRegistration,
    private readonly configuration: ClientConfiguration,
  ) {}

  @Post(REGISTRATION_PATH)
  @HttpCode(201)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  async register(@Req() request: ClinchRequest): Promise<ClientInformation> {
    const actor = await this.authentication.actorOf(request, REGISTER);
    return this.registration.register(await readJson(request), actor);
  }

  @Get(`${REGISTRATION_PATH}/:client_id`)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  async read(@Req() request: ClinchRequest, @Param('client_id') clientId: string): Promise<ClientInformation> {
    const token = registrationAccessToken(request);
    return this.configuration.read(await this.configuration.find(clientId, token), token);
  }

  @Delete(`${REGISTRATION_PATH}/:client_id`)
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  async delete(@Req() request: ClinchRequest, @Param('client_id') clientId: string): Promise<void> {
    const app = await this.configuration.find(clientId, registrationAccessToken(request));
    await this.configuration.delete(app, { address: clientAddress(request), traceId: request.traceId });
  }
}

function registrationAccessToken(request: ClinchRequest): string {
  const token = bearerFromHeader(request);
  if (token === undefined) throw new TokenMissingError();
  return token;
}
