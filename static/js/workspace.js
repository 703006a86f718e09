"use strict";

/* Everything here is a convenience: each action is a link or a form that works without it. */

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

/* Drop zone: dropped files go into the plain file input, then the form is sent. */
document.addEventListener("dragover", (event) => {
  const zone = event.target.closest(".ll-drop");
  if (!zone) return;
  event.preventDefault();
  zone.classList.add("ll-drop--over");
});
document.addEventListener("dragleave", (event) => {
  event.target.closest?.(".ll-drop")?.classList.remove("ll-drop--over");
});
document.addEventListener("drop", (event) => {
  const zone = event.target.closest(".ll-drop");
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove("ll-drop--over");
  zone.querySelector("input[type=file]").files = event.dataTransfer.files;
  zone.requestSubmit();
});
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector?.(".ll-drop-progress");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});
document.addEventListener("htmx:afterRequest", (event) => {
  const bar = event.target.querySelector?.(".ll-drop-progress");
  if (!bar) return;
  bar.hidden = true;
  if (event.detail.successful) event.target.reset();
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
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + by))];
  if (!next) return;
  next.focus();
  next.click();
}

/* The row of the finding that stands open is marked, and focus follows a swap. */
document.addEventListener("htmx:afterSettle", () => {
  const open = document.getElementById("finding")?.dataset.finding;
  for (const row of document.querySelectorAll(".ll-list-row")) {
    row.classList.toggle("ll-list-row--here", row.id === `row-${open}`);
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "finding") document.getElementById("finding")?.focus({ preventScroll: true });
});

/* Risk map: a mark and its row light up together, by pointer and by keyboard. */
function light(event, on) {
  const number = event.target.closest?.("[data-mark]")?.dataset.mark;
  if (!number) return;
  for (const part of document.querySelectorAll(`[data-mark="${CSS.escape(number)}"]`)) part.classList.toggle("ll-lit", on);
}
for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => light(event, on));
}

/* Plan: a card can be dragged to another day; the select does the same from the keyboard. */
document.addEventListener("dragstart", (event) => {
  const form = event.target.closest?.(".ll-card")?.querySelector("form");
  if (form) event.dataTransfer.setData("text/plain", form.querySelector("select").id);
});
document.addEventListener("dragover", (event) => {
  if (event.target.closest?.(".ll-day")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const day = event.target.closest?.(".ll-day")?.dataset.day;
  const select = document.getElementById(event.dataTransfer.getData("text/plain"));
  if (!day || !select?.closest(".ll-plan")) return;
  event.preventDefault();
  select.value = day;
  select.dispatchEvent(new Event("change", { bubbles: true }));
});
