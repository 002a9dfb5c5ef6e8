import { html } from './html.mjs';

/** What a refused visitor reads, and whether signing in again can help. The rest of the codes are `OTHERWISE`. */
const REFUSALS = {
  ERR_LEGACY_ID_MISSING: {
    title: 'We do not know yet which orders are yours',
    text: 'You signed in correctly, but your account is not linked to a customer of the shop. Rather than guess, the shop shows nothing. Our support team can link your account.',
  },
  ERR_LEGACY_ID_INVALID: {
    title: 'Your account needs our attention',
    text: 'You signed in correctly, but what links your account to a customer of the shop is damaged. Rather than guess, the shop shows nothing. Please contact our support team.',
  },
  ERR_TOKEN_EXPIRED: { title: 'Your sign-in has expired', text: 'Please sign in again.', signIn: true },
  ERR_TOKEN_REVOKED: { title: 'You were signed out', text: 'Please sign in again.', signIn: true },
  ERR_LEGACY_POOL_CLOSED: {
    title: 'The old sign-in is closed',
    text: 'Please sign in at the new pool. Your orders are the same.',
    signIn: true,
  },
};
const OTHERWISE = { title: 'This sign-in is not accepted here', text: 'Please sign in again.', signIn: true };
const UNAVAILABLE = {
  title: 'The shop cannot check your sign-in right now',
  text: 'Nothing is wrong with your account, and you are still signed in. Please try again in a minute.',
};

/** Why nobody was signed in. */
const NOT_SIGNED_IN = {
  wrong: 'User name or password is wrong.',
  challenge:
    'This account needs one more step, for example a code or a new password. This example does not have that step.',
  busy: 'Too many attempts. Please wait a minute, then try again.',
  unavailable: 'The sign-in is currently unavailable. Please try again in a minute.',
  elsewhere: 'This request did not come from a page of the shop, so nothing was done. Please try again here.',
};

/** @typedef {import('cognito-cutover').CutoverIdentity} Identity */
/** @typedef {{ places: Record<string, import('./sign-in.mjs').Place>, handover?: import('./hand-over.mjs').Handover, people?: readonly { name: string, username: string, at: string, note: string }[], password?: string }} Entrance */

/**
 * @param {Entrance} entrance
 * @param {{ at?: string, username?: string, refused?: keyof typeof NOT_SIGNED_IN, notice?: unknown }} [state]
 */
export function signInPage({ places, people = [], password }, { at, username, refused, notice } = {}) {
  const [first] = Object.keys(places);
  const chosen = at !== undefined && Object.hasOwn(places, at) ? at : first;
  return layout(
    'Sign in',
    html`${notice}
<section class="card" aria-labelledby="sign-in">
<h1 id="sign-in">Sign in</h1>
${refused && html`<p class="alert" role="alert">${NOT_SIGNED_IN[refused]}</p>`}
<form method="post" action="/sign-in">
<fieldset>
<legend>Where is your account?</legend>
${Object.entries(places)
  .filter(([, place]) => !place.hidden)
  .map(
    ([
      id,
      { label, note },
    ]) => html`<label class="choice"><input type="radio" name="at" value="${id}"${id === chosen && html` checked`}>
<span><strong>${label}</strong><br><span class="soft">${note}</span></span></label>
`,
  )}</fieldset>
<label for="username">User name</label>
<input id="username" name="username" required maxlength="128" autocomplete="username" autocapitalize="none" spellcheck="false" value="${username}">
<label for="password">Password</label>
<input id="password" name="password" type="password" required maxlength="256" autocomplete="current-password" value="${password}">
<button>Sign in</button>
</form>
</section>
${people.length > 0 && tryThese(people, password)}`,
  );
}

/** People of the trial: one press each. */
function tryThese(people, password) {
  return html`<section class="card" aria-labelledby="people">
<h2 id="people">Or sign in as one of these people</h2>
<p class="soft">They live in two user pools of an emulator. Everybody’s password is <code>${password}</code>.</p>
<ul class="people">
${people.map(
  ({ name, username, at, note }) => html`<li><form method="post" action="/sign-in">
<input type="hidden" name="at" value="${at}"><input type="hidden" name="username" value="${username}"><input type="hidden" name="password" value="${password}">
<button class="person"><strong>${name}</strong><span class="soft">${note}</span></button>
</form></li>
`,
)}</ul>
</section>`;
}

/** Why the session stays where it is. */
const NOT_MOVED = {
  refused:
    'This session cannot be moved. You are still signed in at the old pool; sign in at the new pool when it suits you.',
  unavailable: 'The session cannot be moved right now. You are still signed in. Please try again in a minute.',
};

/**
 * @param {{
 *   identity: Identity, orders: readonly string[], sunset?: string | undefined,
 *   canStay?: boolean, stayed?: boolean, notMoved?: keyof typeof NOT_MOVED,
 * }} account `sunset`: when the legacy pool closes, as the middleware announces it; `canStay`: whether the session can be handed over;
 *   `stayed`: whether it just was
 */
export function accountPage({ identity, orders, sunset, canStay, stayed, notMoved }) {
  const isLegacy = identity.pool === 'legacy';
  return layout(
    'Your orders',
    html`${stayed && !isLegacy && html`<p class="card" role="status">You stayed signed in: your session moved to the new pool, without a password.</p>`}
${notMoved && html`<p class="card alert" role="alert">${NOT_MOVED[notMoved]}</p>`}
<section class="card" aria-labelledby="orders">
<h1 id="orders">Your orders</h1>
${
  orders.length > 0
    ? html`<ul class="orders">
${orders.map(
  (order) => html`<li>${order}</li>
`,
)}</ul>`
    : html`<p>You have no orders yet.</p>`
}
</section>
<section class="card" aria-labelledby="who">
<h2 id="who">Who you are to the shop</h2>
<p><span class="badge ${identity.pool}">${isLegacy ? 'Old pool' : 'New pool'}</span> signed your token${
      isLegacy
        ? html`, and its <code>sub</code> is your user id.`
        : html`. Its <code>sub</code> is a new one; your user id ${SOURCES[identity.userIdSource]}.`
    }</p>
${sunset && html`<p class="notice">The old pool closes on ${sunset}. Sign in at the new pool from now on: your orders are the same.</p>`}
${canStay && notMoved !== 'refused' && html`<form class="stay" method="post" action="/stay-signed-in"><button>Stay signed in at the new pool</button></form>`}
<dl class="facts">
${fact('User id', identity.userId, 'key')}${fact('Pool', identity.userPoolId)}${fact('sub', identity.sub)}${fact(
  'custom:legacy_sub',
  identity.claims['custom:legacy_sub'] ?? identity.claims['legacy_sub'] ?? 'not in the token',
)}${fact('Issuer', identity.claims['iss'])}${fact('App client', identity.clientId)}${fact('Valid until', new Date(identity.expiresAt * 1_000).toUTCString())}</dl>
</section>`,
    SIGN_OUT,
  );
}

const SOURCES = {
  claim: html`is in the claim <code>custom:legacy_sub</code>`,
  resolver: 'was looked up',
  'own-sub': 'is that <code>sub</code>: you never had an account in the old pool',
};

/** @param {string} term @param {unknown} value @param {string} [kind] */
function fact(term, value, kind) {
  return html`<div${kind && html` class="${kind}"`}><dt>${term}</dt><dd><code>${value}</code></dd></div>
`;
}

/**
 * @param {{ code: string, status: number }} error
 * @param {Entrance} entrance
 */
export function refusedPage({ code, status }, entrance) {
  const { title, text, signIn } = status === 503 ? UNAVAILABLE : (REFUSALS[code] ?? OTHERWISE);
  const notice = (level) => html`<section class="card refused" aria-labelledby="refused">
<${level} id="refused">${title}</${level}>
<p>${text}</p>
<p class="soft">The answer is ${status} <code>${code}</code>.</p>
</section>`;
  return signIn ? signInPage(entrance, { notice: notice(html`h2`) }) : layout(title, notice(html`h1`), SIGN_OUT);
}

/** @param {Entrance} entrance */
export function signedOutPage(entrance) {
  return signInPage(entrance, { notice: html`<p class="card" role="status">You are signed out.</p>` });
}

const SIGN_OUT = html`<form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>`;

/** @param {string} title @param {unknown} content @param {unknown} [action] */
function layout(title, content, action) {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · The Moving Shop</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
<header><a class="brand" href="/">The Moving Shop</a>${action}</header>
<main>
${content}
</main>
<footer><p>One shop, two Amazon Cognito user pools. An example of <a href="https://github.com/cognito-cutover/cognito-cutover">cognito-cutover</a>.</p></footer>
</html>
`.toString();
}
