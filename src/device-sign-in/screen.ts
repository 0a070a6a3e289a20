import qrcode from 'qrcode';

/** Light modules around the code; fewer, and cameras take the text beside it for a part of it. */
const QUIET_ZONE = 2;

const WHITE_ON_BLACK_ROWS = { '00': '█', '01': '▀', '10': '▄', '11': ' ' } as const;
const BLACK_ON_WHITE_ROWS = { '00': ' ', '01': '▄', '10': '▀', '11': '█' } as const;

export type Row = readonly [label: string, value: unknown, look?: 'strong'];

/** Where this program writes: with colours on a terminal, and as plain text anywhere else. */
export class Screen {
  readonly isTerminal: boolean;
  private readonly colours: boolean;

  constructor(private readonly out: NodeJS.WriteStream) {
    this.isTerminal = out.isTTY;
    // Knows NO_COLOR and TERM=dumb.
    this.colours = this.isTerminal && out.hasColors();
  }

  say(text = ''): void {
    this.out.write(text === '' ? '\n' : `${text.replace(/^/gm, '  ')}\n`);
  }

  /**
   * Lines of a label and what belongs to it; those without a value are left out. A value is made printable here, so what it is
   * to look like is said beside it: within it, the terminal's own commands would be others' too.
   */
  table(rows: readonly Row[]): void {
    const known = rows.filter(([, value]) => value !== undefined);
    const width = Math.max(...known.map(([label]) => label.length)) + 3;
    for (const [label, value, look] of known) {
      const text = printable(typeof value === 'string' ? value : JSON.stringify(value));
      this.say(`  ${this.quiet(label.padEnd(width))}${look === 'strong' ? this.strong(text) : text}`);
    }
  }

  strong(text: string): string {
    return this.colours ? `\u001b[1m${text}\u001b[22m` : text;
  }

  quiet(text: string): string {
    return this.colours ? `\u001b[2m${text}\u001b[22m` : text;
  }

  /** Shows the text as a QR code, unless it would not fit: half a code is none. */
  qrCode(text: string): void {
    const { modules } = qrcode.create(text, { errorCorrectionLevel: 'L' });
    // A terminal that was not told its size says 0.
    if (modules.size + 2 * QUIET_ZONE + 4 > (this.out.columns || 80)) return;
    const rows = qrRows(modules, this.colours ? BLACK_ON_WHITE_ROWS : WHITE_ON_BLACK_ROWS);
    // Its own black and white, because a theme's may be anything.
    for (const row of rows) this.say(this.colours ? `\u001b[38;5;16;48;5;231m${row}\u001b[0m` : row);
  }
}

/** Two modules in each character, one above the other. */
function qrRows(
  modules: { readonly size: number; get(row: number, column: number): number },
  characters: Readonly<Record<'00' | '01' | '10' | '11', string>>,
): string[] {
  const { size } = modules;
  const isDark = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < size && column < size && modules.get(row, column) === 1 ? 1 : 0;
  const rows: string[] = [];
  for (let row = -QUIET_ZONE; row < size + QUIET_ZONE; row += 2) {
    let line = '';
    for (let column = -QUIET_ZONE; column < size + QUIET_ZONE; column += 1) {
      line += characters[`${isDark(row, column)}${isDark(row + 1, column)}`];
    }
    rows.push(line);
  }
  return rows;
}

/** Without what a terminal would obey: control characters, and those that turn the direction of the writing. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');
}
