/** HTML of which every inserted value was escaped, unless it is such HTML itself. */
class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * @param {TemplateStringsArray} parts
 * @param {readonly unknown[]} values lists are joined; `undefined` and `false` are left out
 */
export function html(parts, ...values) {
  return new Html(String.raw({ raw: parts }, ...values.map(escaped)));
}

/** @param {unknown} value */
function escaped(value) {
  if (Array.isArray(value)) return value.map(escaped).join('');
  if (value instanceof Html) return value.text;
  if (value === undefined || value === false) return '';
  return `${value}`.replace(/[&<>"']/g, (sign) => ENTITIES[sign]);
}
