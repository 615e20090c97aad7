// Shows how far the upload of a file is. Without it, the browser's own way works.
"use strict";

document.querySelectorAll("form[data-upload]").forEach((form) => {
  const area = form.querySelector("[data-progress]");
  const bar = area?.querySelector("progress");
  const status = area?.querySelector("[role=status]");
  if (!bar || !status) return;
  form.addEventListener("submit", (event) => {
    // A second click was stopped before; without a file there is nothing to show.
    const hasFile = [...form.querySelectorAll("input[type=file]")].some((item) => item.files.length);
    if (event.defaultPrevented || !hasFile) return;
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", ({ lengthComputable, loaded, total }) => {
      if (!lengthComputable || !total) return;
      const percent = Math.floor((loaded / total) * 100);
      bar.value = percent;
      status.textContent =
        percent < 100 ? `${percent}パーセント` : "送信しました。内容を確認しています。";
    });
    const again = () => {
      delete form.dataset.sent;
      for (const item of form.elements) if (item.type === "submit") item.disabled = false;
    };
    request.addEventListener("load", () => {
      // After a redirect the address is the result's. Whatever else was answered, the browser's own
      // way shows it: nothing was kept, and the form's key is free again.
      const isDone = request.status < 400 && request.responseURL !== form.action;
      if (isDone) location.assign(request.responseURL);
      else form.submit();
    });
    request.addEventListener("error", () => {
      status.textContent = "通信できませんでした。接続を確かめて、もう一度お試しください。";
      again();
    });
    area.hidden = false;
    status.textContent = "送信しています。";
    request.send(new FormData(form));
  });
});
