// The token wall keeps its codes fresh. Without script the page reloads itself.
"use strict";

(() => {
  const tiles = new Map();
  document.querySelectorAll("[data-token]").forEach((tile) => tiles.set(tile.dataset.token, tile));
  const PAUSE_MILLISECONDS = 1000;

  function show(token) {
    const tile = tiles.get(`${token.portal}/${token.serial}`);
    if (!tile) return;
    const half = token.code.length / 2;
    const code = `${token.code.slice(0, half)} ${token.code.slice(half)}`;
    const shown = tile.querySelector(".qa-code");
    if (shown.textContent !== code) shown.textContent = code;
    tile.querySelector("progress").value = token.seconds_left;
    tile.querySelector(".qa-left b").textContent = token.seconds_left;
  }

  async function refresh() {
    try {
      const answer = await fetch("/qa/tokens.json", { cache: "no-store" });
      if (answer.ok) (await answer.json()).tokens.forEach(show);
    } catch {
      // The server is away for a moment: the next round asks again.
    }
    setTimeout(refresh, PAUSE_MILLISECONDS);
  }

  setTimeout(refresh, PAUSE_MILLISECONDS);
})();
