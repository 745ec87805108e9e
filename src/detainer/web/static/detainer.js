// Small helps for the pages; all of them can be read and decided on without this file.
(function () {
  "use strict";

  const typing = "input:not([type=hidden]), select, textarea, button";

  function live(event) {
    const region = event.detail.elt;
    return region && region.hasAttribute && region.hasAttribute("data-live") ? region : null;
  }

  function stale(region) {
    let note = region.querySelector("[data-stale]");
    if (!note) {
      note = document.createElement("p");
      note.className = "det-stale";
      note.setAttribute("role", "status");
      note.setAttribute("data-stale", "");
      region.prepend(note);
      note.textContent =
        "No answer from the exchange since " +
        new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) +
        ". What is below may be out of date; trying again.";
    }
  }

  // A region that refreshes itself waits while its reader is at work in it, and while nobody looks.
  document.addEventListener("htmx:beforeRequest", function (event) {
    const region = live(event);
    const active = document.activeElement;
    if (region && (document.hidden || (region.contains(active) && active.matches(typing)))) {
      event.preventDefault();
    }
  });

  // What comes back without the region is another page, such as sign-in: go there instead of showing a hole.
  document.addEventListener("htmx:beforeSwap", function (event) {
    const region = live(event);
    if (!region || !event.detail.shouldSwap) return;
    const came = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
    if (!came.getElementById(region.id)) {
      event.preventDefault();
      window.location.reload();
    }
  });

  document.addEventListener("htmx:responseError", (event) => live(event) && stale(live(event)));
  document.addEventListener("htmx:sendError", (event) => live(event) && stale(live(event)));
  document.addEventListener("htmx:timeout", (event) => live(event) && stale(live(event)));

  // The list of what is wrong with a form is read first.
  const focus = document.querySelector("[data-focus]");
  if (focus) focus.focus();

  // One click sends a form once.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-sent", "");
    const again = () => form.removeAttribute("data-sent");
    window.addEventListener("pageshow", again, { once: true });
    window.setTimeout(again, 10000);
  });
})();
