// Makes the pages comfortable; without it they work by reload.
"use strict";

const LOOK_MS = 1000; // as often as a person notices
const parse = (text) => new DOMParser().parseFromString(text, "text/html");

// While a button's request is on its way, say so, and send nothing twice.
function busy(button) {
  const said = button.textContent;
  if (button.dataset.busy) button.textContent = button.dataset.busy;
  button.setAttribute("aria-disabled", "true");
  return () => {
    button.textContent = said;
    button.removeAttribute("aria-disabled");
  };
}

// What the server answered to a form, put into the parts of this page that are announced.
function takeOver(page) {
  for (const part of document.querySelectorAll("[data-live]")) {
    part.innerHTML = page.getElementById(part.id).innerHTML;
  }
  for (const field of document.querySelectorAll("form.steps [aria-describedby][id]")) {
    const invalid = page.getElementById(field.id)?.getAttribute("aria-invalid");
    invalid ? field.setAttribute("aria-invalid", invalid) : field.removeAttribute("aria-invalid");
  }
  document.querySelector("[aria-invalid]")?.focus();
}

async function send(form, button) {
  const done = busy(button);
  const data = new FormData(form);
  if (button.name) data.set(button.name, button.value);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data) });
    if (button.hasAttribute("data-stay")) takeOver(parse(await answer.text()));
    else if (!answer.ok) location.reload();
    else await look();
  } catch {
    lost(true);
  } finally {
    done();
  }
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button) return;
  if (button.getAttribute("aria-disabled")) return event.preventDefault();
  if (button.hasAttribute("data-stay") || event.target.hasAttribute("data-quiet")) {
    event.preventDefault();
    send(event.target, button);
  } else {
    busy(button);
  }
});
addEventListener("pageshow", (event) => event.persisted && location.reload());

// How the connection stands and its deliveries, as they come.
const live = document.querySelector("[data-poll]");
const shown = {};

function lost(is) {
  const note = document.getElementById("lost");
  if (note) note.hidden = !is;
}

async function look() {
  if (!live) return;
  const answer = await fetch(live.dataset.poll);
  if (!answer.ok) return location.reload();
  for (const part of parse(await answer.text()).querySelectorAll("body > [id]")) show(part.id, part.innerHTML);
}

// Only what changed is drawn again, and keeps its focus.
function show(id, html) {
  if (shown[id] === html) return;
  shown[id] = html;
  const part = document.getElementById(id);
  const focused = part.contains(document.activeElement) && document.activeElement.id;
  part.innerHTML = html;
  if (focused) document.getElementById(focused)?.focus();
}

async function keepLooking() {
  try {
    if (!document.hidden) await look();
    lost(false);
  } catch {
    lost(true);
  }
  setTimeout(keepLooking, LOOK_MS);
}
if (live) setTimeout(keepLooking, LOOK_MS);
