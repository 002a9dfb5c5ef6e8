// The page is drawn by the server, always the whole of it. This script tells when to draw it again, and changes in the document what
// differs, so that the focus, the position and what is unfolded stay.

const live = document.querySelector('[data-live]');
const main = document.querySelector('main');

/** Without a word from the server for so long, the connection is lost: a tunnel that is gone does not say so. */
const SILENCE_MS = 15_000;
const RETRY_MS = 5_000;

/** The version that the document shows. */
let shown = main?.dataset.version;
/** The version that the server has. */
let present = shown;
/** @type {EventSource | undefined} */
let events;
let silence = 0;
let drawing = false;
/** Another view was chosen, so that what stands in its form counts no longer. */
let chosen = false;

/** @param {'on' | 'off'} kind @param {string} text */
function say(kind, text) {
  if (live === null || live.textContent === text) return;
  live.className = `live ${kind}`;
  live.textContent = text;
}

function connect() {
  if (events !== undefined || document.hidden) return;
  events = new EventSource('events');
  events.addEventListener('beat', ({ data }) => {
    listen();
    say('on', 'Live');
    const { version, readAt } = JSON.parse(data);
    for (const time of document.querySelectorAll('time[data-source]')) {
      const at = readAt[time.getAttribute('data-source') ?? ''];
      if (at !== undefined) setTime(time, new Date(at).toISOString());
    }
    present = String(version);
    void draw();
  });
  events.addEventListener('error', lost);
  listen();
}

function listen() {
  clearTimeout(silence);
  silence = setTimeout(lost, SILENCE_MS);
}

function disconnect() {
  clearTimeout(silence);
  events?.close();
  events = undefined;
}

function lost() {
  disconnect();
  say('off', 'Not live: no answer from the command. If it was started again, open its new address.');
  silence = setTimeout(connect, RETRY_MS);
}

/** @param {Element} time @param {string} iso */
function setTime(time, iso) {
  if (time.getAttribute('datetime') === iso) return;
  time.setAttribute('datetime', iso);
  time.textContent = `${iso.slice(11, 19)} UTC`;
}

/** Draws what the address names, unless it is drawn already. One at a time: what changes meanwhile is drawn after it. */
async function draw() {
  if (drawing || main === null) return;
  drawing = true;
  try {
    while (shown !== present) {
      const wanted = location.pathname + location.search;
      const answer = await fetch(wanted);
      if (!answer.ok) break;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('main');
      // Another view was chosen meanwhile.
      if (fresh === null || wanted !== location.pathname + location.search) continue;
      shown = fresh.dataset.version;
      // The server may be ahead of the last beat.
      if (Number(shown) > Number(present)) present = shown;
      morph(main, fresh);
      chosen = false;
    }
  } catch {
    // The connection is lost; the events say so.
  } finally {
    drawing = false;
  }
}

/**
 * Makes one element like another, and keeps what is alike.
 *
 * @param {Element} old
 * @param {Element} fresh
 */
function morph(old, fresh) {
  for (const { name } of [...old.attributes]) {
    // What a reader unfolded stays so.
    if (!fresh.hasAttribute(name) && !(name === 'open' && old.localName === 'details')) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  // What a reader is choosing or typing stays so.
  if (!chosen && old instanceof HTMLFormElement && old.contains(document.activeElement)) return;
  if (old instanceof HTMLInputElement) old.value = fresh.getAttribute('value') ?? '';
  const children = [...fresh.childNodes];
  children.forEach((next, at) => {
    const one = old.childNodes[at];
    if (one === undefined) old.append(next);
    else if (one instanceof Element && next instanceof Element && isSameKind(one, next)) morph(one, next);
    else if (one.nodeType === Node.TEXT_NODE && next.nodeType === Node.TEXT_NODE) {
      if (one.nodeValue !== next.nodeValue) one.nodeValue = next.nodeValue;
    } else old.replaceChild(next, one);
  });
  while (old.childNodes.length > children.length) old.lastChild?.remove();
  if (old instanceof HTMLSelectElement) old.value = selected(fresh);
}

/** @param {Element} one @param {Element} other */
const isSameKind = (one, other) => one.localName === other.localName && one.id === other.id;

/** @param {Element} select */
const selected = (select) => select.querySelector('option[selected]')?.getAttribute('value') ?? '';

/** @param {string} address */
async function show(address) {
  history.pushState(null, '', address);
  await redraw();
  if (location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function redraw() {
  shown = undefined;
  chosen = true;
  return draw();
}

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('main a[href]') : null;
  if (!(link instanceof HTMLAnchorElement) || link.hasAttribute('download')) return;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  // Links within the view are the browser's, and so is the movement to their target.
  if (link.pathname !== location.pathname || link.search === location.search) return;
  event.preventDefault();
  void show(link.href);
});

document.addEventListener('submit', (event) => {
  if (!(event.target instanceof HTMLFormElement)) return;
  event.preventDefault();
  const wanted = [...new FormData(event.target)].flatMap(([key, value]) =>
    value === '' ? [] : [[key, String(value)]],
  );
  void show(`?${new URLSearchParams(wanted)}#for-a-person`);
});

addEventListener('popstate', () => void redraw());
document.addEventListener('visibilitychange', () => (document.hidden ? disconnect() : connect()));
// A page that a browser keeps for "back" must not keep a connection.
addEventListener('pagehide', disconnect);
addEventListener('pageshow', connect);
connect();
