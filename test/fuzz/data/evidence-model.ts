interface Seen {
  readonly username: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Which writes the answers that a migration was shown justify: a second, simple opinion. A user may get a value if some record of the
 * legacy pool has it as its sub, and some record of that user proves that both are the same person.
 */
export class Evidence {
  readonly #legacy: Seen[] = [];
  readonly #fresh: Seen[] = [];
  /** Of the run that is going on: what it read again before it wrote. */
  #readAgain: Seen[] = [];
  #closed: Record<string, boolean> = {};

  constructor(
    readonly legacyPool: string,
    readonly newPool: string,
    readonly attribute: string,
  ) {}

  begin(run: string): void {
    this.#readAgain = [];
    if (run !== 'plan') return;
    this.#closed = {};
  }

  show(operation: string, input: Readonly<Record<string, unknown>>, answer: unknown): void {
    const pool = input['UserPoolId'];
    const found = answer as {
      Users?: unknown;
      UserPool?: { AdminCreateUserConfig?: { AllowAdminCreateUserOnly?: unknown } };
    };
    if (operation === 'DescribeUserPool' && typeof pool === 'string') {
      this.#closed[pool] ||= found?.UserPool?.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true;
    }
    if (operation !== 'ListUsers' || !Array.isArray(found?.Users)) return;
    const users = found.Users.flatMap((user: unknown) => seen(user) ?? []);
    (pool === this.legacyPool ? this.#legacy : this.#fresh).push(...users);
    if (pool === this.newPool) this.#readAgain.push(...users);
  }

  /** Why a request must not have been sent; `undefined` if what was shown justifies it. */
  against(operation: string, input: Readonly<Record<string, unknown>>): string | undefined {
    if (operation !== 'AdminUpdateUserAttributes') return undefined;
    const { Username: username, UserAttributes: attributes, UserPoolId: pool } = input;
    const written = attributes as { Name: string; Value: string }[];
    const what = JSON.stringify({ pool, username, written });
    if (pool !== this.newPool) return `a write to another pool: ${what}`;
    const [first] = written;
    if (written.length !== 1 || first?.Name !== this.attribute) return `a write of something else: ${what}`;
    const people = this.#fresh.filter((one) => one.username === username);
    const owners = this.#legacy.filter((one) => one.attributes['sub'] === first.Value);
    if (!people.some((user) => owners.some((owner) => this.#isSame(owner, user)))) {
      return `a write that nothing shows to be right: ${what}`;
    }
    const again = this.#readAgain.filter((one) => one.username === username);
    if (!again.some((one) => (one.attributes[this.attribute] ?? '') === '')) {
      return `a write to a user who was not read again: ${what}`;
    }
    return undefined;
  }

  #isSame(owner: Seen, user: Seen): boolean {
    const isClosed = this.#closed[this.legacyPool] === true && this.#closed[this.newPool] === true;
    const name = owner.username.toLowerCase() === user.username.toLowerCase();
    return (isClosed && name) || sharesVerified(owner, user, 'email') || sharesVerified(owner, user, 'phone_number');
  }
}

function sharesVerified(one: Seen, other: Seen, contact: string): boolean {
  const of = ({ attributes }: Seen) =>
    attributes[`${contact}_verified`]?.toLowerCase() === 'true' ? attributes[contact]?.toLowerCase() : undefined;
  return of(one) !== undefined && of(one) !== '' && of(one) === of(other);
}

function seen(user: unknown): Seen | undefined {
  if (typeof user !== 'object' || user === null) return undefined;
  const { Username, Attributes } = user as { Username?: unknown; Attributes?: unknown };
  if (typeof Username !== 'string') return undefined;
  const attributes: Record<string, string> = Object.create(null);
  if (Array.isArray(Attributes)) {
    for (const one of Attributes as { Name?: unknown; Value?: unknown }[]) {
      if (typeof one?.Name === 'string' && typeof one.Value === 'string') attributes[one.Name] = one.Value;
    }
  }
  return { username: Username, attributes };
}
