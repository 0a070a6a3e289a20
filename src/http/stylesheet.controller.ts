import { Controller, Get, Header, NotFoundException, Param } from '@nestjs/common';
import { STYLESHEET, STYLESHEET_PATH } from '../ui/stylesheet.js';
import { THEME_ROUTE, themeAt } from '../ui/theme.js';

const CSS = 'text/css; charset=utf-8';
/** A year: the address of a stylesheet says its content. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

/** The one stylesheet, and beside it the company's colours. */
@Controller()
export class StylesheetController {
  @Get(STYLESHEET_PATH)
  @Header('Content-Type', CSS)
  @Header('Cache-Control', FOR_GOOD)
  stylesheet(): string {
    return STYLESHEET;
  }

  /** Of any colour, because another node may know already which one it is now. */
  @Get(THEME_ROUTE)
  @Header('Content-Type', CSS)
  @Header('Cache-Control', FOR_GOOD)
  theme(@Param('name') name: string): string {
    const stylesheet = themeAt(name);
    if (stylesheet === undefined) throw new NotFoundException();
    return stylesheet;
  }
}
