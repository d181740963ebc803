// What the pages gain with scripts: a filter over the reasons, a countdown, a print button, one click per form.
// Every page works without this file.
(() => {
  "use strict";

  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/œ/g, "oe").toLowerCase();

  // Filter a list of choices by every typed word.
  const filterChoices = (input) => {
    const list = document.getElementById(input.getAttribute("aria-controls"));
    const status = document.getElementById(input.dataset.status);
    const choices = [...list.querySelectorAll(".choice")].map((choice) => ({
      choice,
      words: fold(`${choice.textContent} ${choice.dataset.words ?? ""}`),
    }));
    const apply = () => {
      const wanted = fold(input.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { choice, words } of choices) {
        choice.hidden = !wanted.every((word) => words.includes(word));
        shown += choice.hidden ? 0 : 1;
      }
      for (const group of list.querySelectorAll("[data-group]")) {
        group.hidden = !group.querySelector(".choice:not([hidden])");
      }
      status.textContent = wanted.length === 0 ? "" : shown === 0 ? status.dataset.none : `${shown} motif${shown > 1 ? "s" : ""}`;
    };
    input.closest("[hidden]")?.removeAttribute("hidden");
    input.addEventListener("input", apply);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const first = choices.find(({ choice }) => !choice.hidden)?.choice.querySelector("input");
      if (first) {
        first.checked = true;
        first.dispatchEvent(new Event("change", { bubbles: true }));
        first.focus();
      }
    });
  };

  // A picked reason stands alone, so that what follows is near. Arrow keys go on through the list: it closes
  // when they leave it.
  const closeList = (list) => {
    const again = document.getElementById(list.dataset.again);
    const set = (picked) => {
      list.classList.toggle("picked", picked);
      again.hidden = !picked;
    };
    const isPicked = () => list.querySelector("input:checked") !== null;
    list.addEventListener("click", (event) => {
      if (event.detail > 0 && event.target.matches("input") === false) return;
      if (event.detail > 0 || event.pointerType) set(isPicked());
    });
    list.addEventListener("focusout", (event) => {
      if (isPicked() && !list.contains(event.relatedTarget)) set(true);
    });
    again.addEventListener("click", () => {
      set(false);
      list.querySelector("input:checked")?.focus();
    });
    set(isPicked());
  };

  // Count down to an instant told by the server, whatever the local clock says.
  const countDown = (element) => {
    const ends = Date.now() + Number(element.dataset.seconds) * 1000;
    const status = document.getElementById(element.dataset.status);
    const tick = () => {
      const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
      element.textContent = `${Math.floor(left / 60)} min ${String(left % 60).padStart(2, "0")} s`;
      if (left === 60 && status) status.textContent = status.dataset.soon;
      if (left === 0) {
        clearInterval(timer);
        document.location.reload();
      }
    };
    const timer = setInterval(tick, 1000);
    tick();
  };

  // A form is sent once; it may be sent again if the browser comes back to the page.
  const sendOnce = (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  };

  document.addEventListener("submit", sendOnce);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  for (const input of document.querySelectorAll("[data-filter]")) filterChoices(input);
  for (const list of document.querySelectorAll("[data-again]")) closeList(list);
  for (const element of document.querySelectorAll("[data-seconds]")) countDown(element);
  for (const element of document.querySelectorAll("[data-with-script]")) element.hidden = false;

  // What was picked while the scripts were still loading is told again, once everything listens.
  const tellPicked = () => {
    for (const list of document.querySelectorAll("[data-brings]")) {
      const picked = list.querySelector("input:checked");
      if (picked && !document.getElementById(list.dataset.brings)) {
        picked.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  };
  document.addEventListener("DOMContentLoaded", () => setTimeout(tellPicked));
})();
