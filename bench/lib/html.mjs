// Just enough HTML to fill in a form without a browser.

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** @param {string} text */
function decode(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, dec, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (dec) return String.fromCodePoint(Number(dec));
    return NAMED[name] ?? whole;
  });
}

/**
 * @param {string} tag the inside of a start tag
 * @returns {Record<string, string>}
 */
function attributes(tag) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const match of tag.matchAll(/([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
    found[match[1].toLowerCase()] = decode(match[2] ?? match[3] ?? match[4] ?? '');
  }
  return found;
}

/**
 * @typedef {object} Form
 * @property {string} action as written; empty means the page's own address
 * @property {string} method
 * @property {Array<[string, string]>} hidden
 * @property {Set<string>} names of the other fields
 * @property {Array<{name: string, value: string}>} buttons that carry a name
 */

/**
 * @param {string} html
 * @returns {Form[]}
 */
export function formsOf(html) {
  const forms = [];
  for (const [, tag, inside] of html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)) {
    const { action = '', method = 'get' } = attributes(tag);
    /** @type {Form} */
    const form = { action, method: method.toLowerCase(), hidden: [], names: new Set(), buttons: [] };
    for (const [, element, rest] of inside.matchAll(/<(input|button)\b([^>]*)>/gi)) {
      const { name, value = '', type = element.toLowerCase() === 'button' ? 'submit' : 'text' } = attributes(rest);
      if (!name) continue;
      if (type === 'hidden') form.hidden.push([name, value]);
      else if (type === 'submit') form.buttons.push({ name, value });
      else form.names.add(name);
    }
    forms.push(form);
  }
  return forms;
}
