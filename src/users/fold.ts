const ASCII = /^[\0-\x7f]*$/;

/**
 * Lower case, for comparing e-mail addresses, usernames and identifiers. Characters outside ASCII never become ASCII ones: the
 * Kelvin sign would turn into "k", and the owner of one mailbox would pass for the owner of another.
 */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  let folded = '';
  for (const character of text) {
    const lower = character.toLowerCase();
    folded += ASCII.test(character) || !/[\0-\x7f]/.test(lower) ? lower : character;
  }
  return folded;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A UUID in lower case, as Cognito writes a `sub`, so that one user has one spelling; `undefined` where the text is not a
 * UUID.
 */
export function readUuid(text: string): string | undefined {
  return UUID.test(text) ? text.toLowerCase() : undefined;
}

/** Whether two names are equal when case is ignored. */
export function sameFolded(one: string, other: string | undefined): boolean {
  return other !== undefined && fold(one) === fold(other);
}

/** The name as given and in lower case: Cognito compares some fields case-sensitively and others not. */
export function spellingsOf(name: string): readonly string[] {
  return [...new Set([name, fold(name)])];
}
