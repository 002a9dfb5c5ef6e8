const BUILT_IN = Symbol.for('cognito-cutover.verifier');

/** Marks methods as this package's own. Both of its builds know the mark. */
export function markBuiltIn(...methods: readonly object[]): void {
  for (const method of methods) Object.defineProperty(method, BUILT_IN, { value: true });
}

export function isBuiltIn(method: object): boolean {
  return BUILT_IN in method;
}
