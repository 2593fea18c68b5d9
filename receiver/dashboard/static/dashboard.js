// Makes the pages comfortable; without it they work by reload.
"use strict";

const HOUR_MS = 3600_000; // without a key or a touch, then nobody looks
const parts = (page) => page.querySelectorAll("[data-part][id]");
const parse = (text) => new DOMParser().parseFromString(text, "text/html");
const lookOf = (part) => `${part.className} ${part.hidden} ${part.innerHTML.trim()}`;
const drawn = new Map([...parts(document)].map((part) => [part.id, lookOf(part)]));
let touched = Date.now();

// Somebody types there, has text selected or something open: it is left alone until they leave it.
function isInUse(part) {
  const selection = getSelection();
  return (
    part.contains(document.activeElement) ||
    part.querySelector("details[open], dialog[open]") !== null ||
    (!selection.isCollapsed && part.contains(selection.anchorNode)) ||
    [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some(isChanged)
  );
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

// Only what changed is drawn again; `always` after a form that was sent from there.
function draw(page, always = false) {
  for (const part of parts(page)) {
    const here = document.getElementById(part.id);
    const html = lookOf(part);
    if (!here || (drawn.get(part.id) === html && !always) || (!always && isInUse(here))) continue;
    if (!always && isHeldBack(here, part)) continue;
    drawn.set(part.id, html);
    here.className = part.className;
    here.hidden = part.hidden;
    here.innerHTML = part.innerHTML;
  }
}

// New rows do not push away what somebody reads: a button says how many there are.
function isHeldBack(here, part) {
  const bar = document.querySelector(`[data-bar-of="${here.id}"]`);
  const keys = new Set([...here.querySelectorAll("[data-key]")].map((row) => row.dataset.key));
  const fresh = [...part.querySelectorAll("[data-key]")].filter((row) => !keys.has(row.dataset.key)).length;
  if (!bar || !keys.size || !fresh) return false;
  bar.textContent = fresh === 1 ? bar.dataset.one : bar.dataset.several.replace("{n}", fresh);
  bar.parentElement.hidden = false;
  bar.onclick = () => location.reload();
  return true;
}

function focusOn(target) {
  if (!target) return;
  if (!target.matches("a, button, input, select, textarea, [tabindex]")) target.tabIndex = -1;
  target.focus();
}

// What a form changed, put in place; what has to be looked at gets the focus.
async function send(form, button) {
  const data = new URLSearchParams(new FormData(form));
  if (button?.name) data.set(button.name, button.value);
  button?.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data });
    if (answer.status === 401 || answer.status === 403) return form.submit(); // the whole page says why
    if (answer.status >= 500) throw new Error(answer.status);
    draw(parse(await answer.text()), true);
    focusOn(document.querySelector("main [data-focus]") ?? document.getElementById("main"));
  } catch {
    stale(true);
  } finally {
    button?.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.getAttribute("aria-disabled")) return event.preventDefault();
  if (event.target.hasAttribute("data-inplace")) {
    event.preventDefault();
    send(event.target, button);
  } else if (event.target.method === "post") {
    setTimeout(() => button?.setAttribute("aria-disabled", "true"));
  }
});

document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  const opened = close?.closest("details");
  if (opened) {
    opened.open = false;
    opened.querySelector("form")?.reset();
    opened.querySelector("summary").focus();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copied = event.target.closest("[data-copy]");
  if (copied) navigator.clipboard?.writeText(document.getElementById(copied.dataset.copy).textContent.trim());
});

document.addEventListener("keydown", (event) => {
  const opened = event.key === "Escape" && event.target.closest("details[open]");
  if (opened) {
    opened.open = false;
    opened.querySelector("summary").focus();
  }
});
for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => (touched = Date.now()));
addEventListener("pageshow", (event) => event.persisted && location.reload());
// The page as it stands now, as long as somebody looks.
const every = Number(document.body.dataset.every) * 1000;
let seen = new Date();
let etag = "";

function stale(is) {
  const note = document.getElementById("stale");
  if (!note) return;
  if (is && note.hidden) note.textContent = note.dataset.text.replace("{at}", seen.toTimeString().slice(0, 5));
  note.hidden = !is;
}

async function look() {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(`/live${location.pathname}${location.search}`, { headers });
  seen = new Date();
  if (answer.status === 304) return;
  if (answer.status === 401) return location.reload();
  if (!answer.ok) throw new Error(answer.status);
  const page = parse(await answer.text());
  if (document.getElementById("refused") && !page.getElementById("refused")) return location.reload();
  draw(page);
  etag = answer.headers.get("ETag") ?? "";
}

async function keepLooking() {
  try {
    if (!document.hidden && Date.now() - touched < HOUR_MS) await look().then(() => stale(false));
  } catch {
    stale(true);
  }
  setTimeout(keepLooking, every);
}
if (every) setTimeout(keepLooking, every);
focusOn(document.querySelector("main [data-focus]"));
