import { applyDecorators, Controller, Get, Header } from '@nestjs/common';
import { EMBEDDED_CODE_PATH, IN_APP_PATH, OPEN_ELSEWHERE_PATH } from './browser-scripts.js';
import { EMBEDDED_CODE, IN_APP, OPEN_ELSEWHERE } from './browser/bundled.js';

/** A script at an address that holds its hash. */
function Script(path: string): MethodDecorator {
  return applyDecorators(
    Get(path),
    Header('Content-Type', 'text/javascript; charset=utf-8'),
    Header('Cache-Control', 'public, max-age=31536000, immutable'),
    Header('Cross-Origin-Resource-Policy', 'same-origin'),
  );
}

/** The scripts of this wing's pages; nothing of them comes from another site. */
@Controller()
export class BrowserScriptsController {
  @Script(IN_APP_PATH)
  inApp(): string {
    return IN_APP;
  }

  @Script(EMBEDDED_CODE_PATH)
  embeddedCode(): string {
    return EMBEDDED_CODE;
  }

  @Script(OPEN_ELSEWHERE_PATH)
  openElsewhere(): string {
    return OPEN_ELSEWHERE;
  }
}
