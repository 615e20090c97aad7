// The app: shows the screen that the address names, and keeps itself ready for use without a
// network.

import { SCREENS } from './screens.js';
import { list } from './store.js';

const main = document.getElementById('main');
let leave;
let showings = 0;

/** The screen and its credential from `#code=portal:serial`. */
function asked() {
  const [name, id] = location.hash.slice(1).split('=');
  return { name, id };
}

async function show(isFirst) {
  leave?.();
  leave = undefined;
  const showing = ++showings;
  const { name, id } = await destination();
  const screen = SCREENS[name] ?? SCREENS.list;
  const view = document.getElementById(screen.id).content.cloneNode(true);
  const parts = (part) => view.querySelector(`[data-part="${part}"]`);
  document.documentElement.dataset.theme = 'neutral';
  const filled = await screen.fill(parts, id, view);
  // Another screen was asked for meanwhile.
  if (showing !== showings) return;
  if (filled === false) {
    location.replace('#list');
    return;
  }
  main.replaceChildren(view);
  document.body.dataset.screen = screen.id;
  document.getElementById('screen-id').textContent = screen.id;
  const heading = main.querySelector('h1');
  document.title = `${heading.textContent} | まどぐちトークン`;
  if (!isFirst) heading.focus();
  leave = screen.live?.((part) => main.querySelector(`[data-part="${part}"]`), id);
}

/** Whoever has one credential sees its code at once. */
async function destination() {
  const { name, id } = asked();
  if (name) return { name, id };
  const held = await list();
  return held.length === 1 ? { name: 'code', id: held[0].id } : { name: 'list' };
}

async function keepReady() {
  if (!navigator.serviceWorker) return;
  const address = '/token/sw.js';
  const policy = window.trustedTypes?.createPolicy('token-app', { createScriptURL: () => address });
  const script = policy?.createScriptURL(address) ?? address;
  await navigator.serviceWorker.register(script, { scope: '/token/', updateViaCache: 'none' });
}

addEventListener('hashchange', () => show(false));
await show(true);
await keepReady().catch(() => {});
