"use strict";

/* Everything here is a convenience: each action is a link or a form that works without it. */

const NARROW = window.matchMedia("(max-width: 56rem)");

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

/* An answer that cannot be shown in place is said in words; what was typed stays where it is. */
function trouble(words) {
  const note = document.getElementById("trouble");
  if (!note) return;
  note.textContent = words;
  note.hidden = words === "";
}
/* Our own errors come in words. What stands between us and the browser answers with pages of its own. */
const REFUSED = {
  413: "This is larger than the server in front of Loadline takes. Send less at once, or compress it with gzip.",
  502: "Loadline is starting again. Nothing was saved; try again in a minute.",
  503: "Loadline is starting again. Nothing was saved; try again in a minute.",
  504: "This took too long. Reload the page to see whether it was done.",
};
document.addEventListener("htmx:responseError", (event) => {
  const { status, responseText } = event.detail.xhr;
  const ours = (event.detail.xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  if (ours && responseText) trouble(responseText);
  else trouble(REFUSED[status] ?? "The server could not do this. Nothing was saved; try again.");
});
document.addEventListener("htmx:sendError", () => trouble("The server cannot be reached. Nothing was saved; try again."));
/* Words stand until the next thing that a person does goes well; what the page asks by itself does not count. */
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.successful && !event.target.matches?.("#reading, #answers, #uploads")) trouble("");
});
/* After signing in again in another tab the token of this page is old; the cookie holds the new one. */
document.addEventListener("htmx:configRequest", (event) => {
  const token = /(?:^|; )loadline_csrf=([^;]+)/.exec(document.cookie)?.[1];
  if (!token || event.detail.verb === "get") return;
  event.detail.headers["X-CSRFToken"] = token;
  event.detail.parameters.csrfmiddlewaretoken = token;
});

/* The frame's own script wants to write the name of a chosen file into a text field that our forms do not have. */
document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll(".ll-work input[type=file]")) input.hasChangeListener = true;
  /* An icon font spells its icons; beside a word the spelling is noise to a screen reader. */
  for (const icon of document.querySelectorAll("#nav-sidebar-apps .material-symbols-outlined")) icon.ariaHidden = "true";
});

/* The list of engagements closes as a menu does: with Escape, and when something else is clicked. */
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector(".ll-switch[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  const open = document.querySelector(".ll-switch[open]");
  if (open && !open.contains(event.target)) open.open = false;
});

/* Copying needs a script; without one the text can be selected, or downloaded. */
function offerCopies(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}
document.addEventListener("DOMContentLoaded", () => offerCopies(document));
document.addEventListener("htmx:afterSettle", () => offerCopies(document));
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[data-said]");
  try {
    await navigator.clipboard.writeText(text.value);
    said.textContent = "Copied.";
  } catch {
    text.select();
    said.textContent = "Select all and copy by hand: the browser does not allow it.";
  }
});

/* Findings board: j and k move, e edits, p publishes, x dismisses. Not while typing. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !document.querySelector("[data-board]")) return;
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else document.querySelector(`#finding [data-key="${CSS.escape(event.key)}"]`)?.click();
});
function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.parentElement.classList.contains("ll-list-row--here"));
  const next = rows[here + by];
  if (!next) return;
  mark(next.parentElement.id);
  next.scrollIntoView({ block: "nearest" });
  next.click();
}
function mark(id) {
  for (const row of document.querySelectorAll(".ll-list-row")) row.classList.toggle("ll-list-row--here", row.id === id);
}

/* On a phone list and finding are two pages: the link is followed as a link. */
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!NARROW.matches || !event.target.matches?.("[data-row]")) return;
  event.preventDefault();
  window.location.assign(event.target.href);
});

/* The frame hides the page until its own script has run, too late for the browser's own autofocus. */
document.addEventListener("alpine:initialized", () => {
  document.querySelector("[autofocus]")?.focus({ preventScroll: true });
});

/* The row of the finding that stands open is marked, and focus follows a swap. */
document.addEventListener("htmx:afterSettle", () => {
  const open = document.getElementById("finding")?.dataset.finding;
  if (open) mark(`row-${open}`);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "finding") return;
  const place = event.target.querySelector("[role=alert]") ? null : event.target.querySelector("[autofocus]");
  (place ?? event.target).focus({ preventScroll: true });
});

/* Capacity: what was unfolded stays so when a number changes, and focus stays with the row, wherever that moved. */
let unfolded = [];
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "capacity") return;
  unfolded = Array.from(event.target.querySelectorAll("details[id][open]"), (details) => details.id);
  focused = document.activeElement?.id ?? "";
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "capacity") return;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (document.activeElement !== document.body) return;
  const place = document.getElementById(focused) ?? document.getElementById("inputs-title");
  unfoldTo(place);
  place.focus();
});

/* What a link of the page points to may be folded; not every browser unfolds it by itself. */
function unfoldTo(place) {
  for (let fold = place?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  if (link) unfoldTo(document.getElementById(link.hash.slice(1)));
});

/* Risk map: a mark and its row light up together, by pointer and by keyboard. */
function light(event, on) {
  const place = event.target.closest?.("[data-mark], [data-number]");
  const number = CSS.escape(place?.dataset.mark ?? place?.dataset.number ?? "");
  if (!number) return;
  for (const part of document.querySelectorAll(`[data-mark="${number}"], .ll-chart [data-number="${number}"]`)) {
    part.classList.toggle("ll-lit", on);
  }
}
for (const [name, on] of [["mouseover", true], ["mouseout", false]]) {
  document.addEventListener(name, (event) => light(event, on));
}
for (const [name, on] of [["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => {
    const inside = event.target.querySelector?.("[data-number]") ?? event.target;
    light({ target: inside }, on);
  });
}

/* Plan: a card can be dragged to another day; the select does the same from the keyboard. */
document.addEventListener("dragstart", (event) => {
  const select = event.target.closest?.(".ll-card")?.querySelector("select");
  if (select) event.dataTransfer.setData("text/plain", select.id);
});
document.addEventListener("dragover", (event) => {
  const day = event.target.closest?.(".ll-day");
  for (const other of document.querySelectorAll(".ll-day--over")) if (other !== day) other.classList.remove("ll-day--over");
  if (!day) return;
  event.preventDefault();
  day.classList.add("ll-day--over");
});
document.addEventListener("dragend", () => {
  for (const day of document.querySelectorAll(".ll-day--over")) day.classList.remove("ll-day--over");
});
document.addEventListener("drop", (event) => {
  const day = event.target.closest?.(".ll-day")?.dataset.day;
  const select = document.getElementById(event.dataTransfer.getData("text/plain"));
  if (!day || !select?.closest(".ll-plan")) return;
  event.preventDefault();
  select.value = day;
  select.dispatchEvent(new Event("change", { bubbles: true }));
});
