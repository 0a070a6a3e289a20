import { Controller, Get, Header, Param, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ClinchConfig } from '../config/clinch-config.js';
import { pageHeaders } from '../http/security-headers.js';
import { AdminDocument } from './admin-document.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { Problem } from './problem.js';

/** What the page needs of Swagger UI's own files. */
const ASSETS = new Set(['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']);

/** Relative to where the page is, so that it works under an issuer with a path. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Clinch admin API</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

/** No validator badge: it would send the document's address to another company. */
const START = `window.ui = SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
});
window.ui.initOAuth({ scopes: 'clinch:admin' });
`;

/** Everything from ourselves, and nothing inline; pictures in its stylesheet are data. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** /admin/docs and /admin/openapi.json: what the admin API can do, for people and for programs. Open to all readers. */
@Controller()
@ApiExcludeController()
@UseFilters(ProblemDetailsFilter)
export class AdminDocsController {
  constructor(
    private readonly document: AdminDocument,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/admin/openapi.json')
  @Header('Content-Type', 'application/json; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  openapi(): string {
    return this.document.json();
  }

  @Get('/admin/docs')
  page(@Res() response: Response): void {
    response.set({ ...pageHeaders(this.config.secure), 'Content-Security-Policy': POLICY }).send(PAGE);
  }

  @Get('/admin/docs/:asset')
  asset(@Param('asset') asset: string, @Res() response: Response): void {
    if (asset === 'start.js') {
      response.set({ 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-cache' }).send(START);
      return;
    }
    if (!ASSETS.has(asset)) throw Problem.notFound('file');
    response.sendFile(join(swaggerUiFolder(), asset), {
      cacheControl: false,
      headers: { 'Cache-Control': 'no-cache' },
    });
  }
}

/** Swagger UI comes with @nestjs/swagger, and is looked for from there. */
function swaggerUiFolder(): string {
  const ours = createRequire(import.meta.url);
  return dirname(createRequire(ours.resolve('@nestjs/swagger')).resolve('swagger-ui-dist/package.json'));
}
