// Conveniences of every page. Each works on markup that is complete without it.
"use strict";

(() => {
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act);
  const element = (name, text, properties) =>
    Object.assign(document.createElement(name), { textContent: text ?? "" }, properties);

  // An error summary is what the customer has to read first.
  document.querySelector(".summary")?.focus();

  // Buttons that need a script are hidden until there is one.
  all("[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  // Show or hide a password; it is hidden again before it is sent, so that no browser keeps it as text.
  all("[data-reveal]", (button) => {
    const input = document.getElementById(button.dataset.reveal);
    if (!input) return;
    const show = (visible) => {
      input.type = visible ? "text" : "password";
      button.firstChild.textContent = visible ? "隠す" : "表示";
    };
    button.hidden = false;
    button.addEventListener("click", () => show(input.type === "password"));
    input.form?.addEventListener("submit", () => show(false));
  });

  // A second click is stopped here for comfort; the server is the real guard.
  const buttonsOf = (form) => [...form.elements].filter((item) => item.type === "submit");
  all("form[method=post]", (form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
      // Later, because a disabled button's own name and value would not be sent.
      setTimeout(() => buttonsOf(form).forEach((button) => (button.disabled = true)));
    });
  });
  // A page that comes back from the browser's memory can be sent again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("form[data-sent]", (form) => {
      delete form.dataset.sent;
      buttonsOf(form).forEach((button) => (button.disabled = false));
    });
  });

  // Time that runs out while the page stands open. The server says how many seconds were left.
  all("[data-countdown]", (text) => {
    const end = Date.now() + Number(text.dataset.countdown) * 1000;
    const show = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
      const parts = [hours && `${hours}時間`, (hours || minutes) && `${minutes}分`, `${left % 60}秒`];
      text.textContent = left ? `残り時間は ${parts.filter(Boolean).join("")}です。` : text.dataset.over;
      if (!left) clearInterval(timer);
    };
    const timer = setInterval(show, 1000);
    show();
  });

  sessionCountdown();

  function sessionCountdown() {
    const time = document.querySelector("time[data-session-end]");
    if (!time || !window.HTMLDialogElement) return;
    // The server says how many seconds are left: the clock of this device may be wrong.
    let end = Date.now() + Number(time.dataset.remaining) * 1000;
    let dismissed = false;
    const left = () => Math.ceil((end - Date.now()) / 1000);
    const [login, logout] = time.dataset.words.split(" ");
    const dialog = element("dialog");
    const title = element("h2", `まもなく自動で${logout}します`, { id: "session-title" });
    const text = element("p");
    const note = element("p", "続ける場合は「続ける」を押してください。");
    const go = element("button", "続ける", { type: "button", className: "primary" });
    const close = element("button", "閉じる", { type: "button", className: "plain" });
    const buttons = element("div", "", { className: "buttons" });
    dialog.setAttribute("aria-labelledby", title.id);
    note.setAttribute("role", "status");
    buttons.append(go, close);
    dialog.append(title, text, note, buttons);
    document.body.append(dialog);

    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => (dismissed = true));
    go.addEventListener("click", async () => {
      go.disabled = true;
      try {
        const answer = await fetch(time.dataset.extend, { cache: "no-store" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("time[data-session-end]");
        if (!fresh) return location.reload();
        time.dateTime = fresh.dateTime;
        time.textContent = fresh.textContent;
        time.dataset.sessionEnd = fresh.dataset.sessionEnd;
        end = Date.now() + Number(fresh.dataset.remaining) * 1000;
        dialog.close();
        dismissed = false;
      } catch {
        note.textContent = "通信できませんでした。接続を確かめて、もう一度「続ける」を押してください。";
      } finally {
        go.disabled = false;
      }
    });

    const timer = setInterval(() => {
      const seconds = left();
      if (seconds > Number(time.dataset.warn)) return;
      if (seconds <= 0) {
        clearInterval(timer);
        title.textContent = `${logout}しました`;
        text.textContent = "一定の時間、操作がありませんでした。";
        note.textContent = `もう一度${login}してください。`;
        go.hidden = true;
        if (!dialog.open) dialog.showModal();
        return;
      }
      text.textContent = `あと ${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒です。`;
      if (!dialog.open && !dismissed) dialog.showModal();
    }, 1000);
  }
})();
