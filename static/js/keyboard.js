// The software keyboard (ソフトウェアキーボード): keys on the screen for a password field.
// Every key is a button in reading order, so Tab reaches each of them.
"use strict";

document.querySelectorAll("[data-keyboard]").forEach((opener) => {
  const input = document.getElementById(opener.dataset.keyboard);
  const place = document.getElementById(opener.getAttribute("aria-controls"));
  if (!input || !place) return;

  const LOWER = [..."1234567890qwertyuiopasdfghjklzxcvbnm"];
  const SIGNS = [..."-_@.#!$%&*+=?/:;,~^|'\"`()[]{}<>\\"];
  const WORDS = { " ": "空白" };
  let big = false;
  let signs = false;
  let mixed = false;

  const button = (text, act, label) => {
    const key = document.createElement("button");
    Object.assign(key, { type: "button", textContent: text });
    if (label) key.setAttribute("aria-label", label);
    key.addEventListener("click", act);
    return key;
  };

  const shuffled = (list) => {
    const copy = [...list];
    for (let at = copy.length - 1; at > 0; at -= 1) {
      const other = crypto.getRandomValues(new Uint32Array(1))[0] % (at + 1);
      [copy[at], copy[other]] = [copy[other], copy[at]];
    }
    return copy;
  };

  const keys = Object.assign(document.createElement("div"), { className: "keys" });
  const type = (character) => {
    if (input.maxLength < 0 || input.value.length < input.maxLength) input.value += character;
    said.textContent = `${input.value.length}文字`;
  };
  const draw = () => {
    let list = signs ? SIGNS : LOWER;
    if (mixed) list = shuffled(list);
    if (big && !signs) list = list.map((character) => character.toUpperCase());
    const name = (character) =>
      /[A-Z]/.test(character) ? `大文字 ${character}` : WORDS[character];
    keys.replaceChildren(...list.map((key) => button(key, () => type(key), name(key))));
  };
  const toggle = (text, act) => {
    const key = button(text, () => {
      const on = key.getAttribute("aria-pressed") !== "true";
      key.setAttribute("aria-pressed", String(on));
      act(on);
      draw();
    });
    key.className = "slim";
    key.setAttribute("aria-pressed", "false");
    return key;
  };
  const tool = (text, act) => {
    const key = button(text, act);
    key.className = "slim plain";
    return key;
  };
  const open = (isOpen) => {
    place.hidden = !isOpen;
    opener.setAttribute("aria-expanded", String(isOpen));
    opener.textContent = isOpen ? "ソフトウェアキーボードを閉じる" : "ソフトウェアキーボードを開く";
    if (isOpen) draw();
  };

  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const tools = Object.assign(document.createElement("div"), { className: "tools" });
  tools.append(
    toggle("大文字", (on) => (big = on)),
    toggle("記号", (on) => (signs = on)),
    toggle("ランダム配列", (on) => (mixed = on)),
    tool("1文字消す", () => {
      input.value = input.value.slice(0, -1);
      said.textContent = `${input.value.length}文字`;
    }),
    tool("すべて消す", () => {
      input.value = "";
      said.textContent = "0文字";
    }),
    tool("閉じる", () => {
      open(false);
      opener.focus();
    }),
    said,
  );
  place.append(keys, tools);
  opener.parentElement.hidden = false;
  opener.addEventListener("click", () => open(place.hidden));
});
