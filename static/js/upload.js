// Shows how far the upload of a file is. Without it, the browser's own way works.
"use strict";

(() => {
  // Whatever the answer is if not another address, it stands in the place of this page: sending the
  // form again to see it would send the file again.
  const shows = (answer) => {
    const main = answer?.querySelector("main");
    if (!main) return false;
    document.title = answer.title;
    document.body.dataset.screen = answer.body.dataset.screen;
    const ids = answer.querySelector("footer .ids");
    if (ids) document.querySelector("footer .ids")?.replaceWith(ids);
    document.querySelector("main").replaceWith(main);
    main.querySelectorAll("form[data-upload]").forEach(watch);
    (main.querySelector(".summary") ?? main).focus();
    return true;
  };

  const watch = (form) => {
    const area = form.querySelector("[data-progress]");
    const bar = area?.querySelector("progress");
    const status = area?.querySelector("[role=status]");
    if (!bar || !status) return;
    const fail = (words) => {
      status.textContent = words;
      delete form.dataset.sent;
      delete form.dataset.sending;
      for (const item of form.elements) if (item.type === "submit") item.disabled = false;
    };
    form.addEventListener("submit", (event) => {
      // A second click is stopped; without a file there is nothing to show.
      const files = [...form.querySelectorAll("input[type=file]")];
      if (event.defaultPrevented || !files.some((item) => item.files.length)) return;
      event.preventDefault();
      if (form.dataset.sending) return;
      form.dataset.sending = "1";
      send(form, { area, bar, status, fail });
    });
  };

  const send = (form, { area, bar, status, fail }) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "document";
    request.upload.addEventListener("progress", ({ lengthComputable, loaded, total }) => {
      if (!lengthComputable || !total) return;
      const percent = Math.floor((loaded / total) * 100);
      bar.value = percent;
      status.textContent =
        percent < 100 ? `${percent}パーセント` : "送信しました。内容を確認しています。";
    });
    request.addEventListener("load", () => {
      // After a redirect the address is the result's.
      const isDone = request.status < 400 && request.responseURL !== form.action;
      if (isDone) location.assign(request.responseURL);
      else if (!shows(request.response)) fail("受け付けられませんでした。もう一度お試しください。");
    });
    request.addEventListener("error", () => {
      fail("通信できませんでした。接続を確かめて、もう一度お試しください。");
    });
    area.hidden = false;
    status.textContent = "送信しています。";
    request.send(new FormData(form));
  };

  document.querySelectorAll("form[data-upload]").forEach(watch);
})();
