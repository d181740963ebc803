// Live updates: one stream of « something changed », no data in it; htmx then fetches the parts that show it.
// The stream closes while the page is hidden, so that many tabs never use up the browser's connections.
(() => {
  "use strict";

  const AGAIN = 15_000;
  let stream = null;
  let timer = null;

  const tell = (kind) => document.body.dispatchEvent(new CustomEvent(`live-${kind}`));

  const close = () => {
    clearTimeout(timer);
    stream?.close();
    stream = null;
  };

  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(`/en-direct?age=${Math.round(performance.now())}`);
    for (const kind of ["slots", "requests"]) stream.addEventListener(kind, () => tell(kind));
    stream.addEventListener("error", () => {
      // A stream that was cut comes back by itself; one that was refused is asked for again, later.
      if (stream?.readyState !== EventSource.CLOSED) return;
      close();
      timer = setTimeout(open, AGAIN);
    });
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
  open();
})();
