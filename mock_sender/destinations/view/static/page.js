// Draws anew what has changed, while the page is open; without it the page is loaded again.
"use strict";

const LOOK_MS = 1000; // as often as a person notices
const live = document.getElementById("live");
const drawn = {};

// Only a part that changed is drawn again; a table that was moved sideways stays where it was.
function draw(part) {
  if (drawn[part.id] === part.outerHTML) return;
  drawn[part.id] = part.outerHTML;
  const old = document.getElementById(part.id);
  const moved = [...old.querySelectorAll(".wide")].map((table) => table.scrollLeft);
  old.hidden = part.hidden;
  old.innerHTML = part.innerHTML;
  old.querySelectorAll(".wide").forEach((table, number) => (table.scrollLeft = moved[number] ?? 0));
}

async function look() {
  const answer = await fetch(live.dataset.poll);
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.querySelectorAll("section[id]").forEach(draw);
}

async function keepLooking() {
  let lost = false;
  try {
    if (!document.hidden) await look();
  } catch {
    lost = true;
  }
  document.getElementById("lost").hidden = !lost;
  setTimeout(keepLooking, LOOK_MS);
}
for (const part of live.querySelectorAll("section[id]")) drawn[part.id] = part.outerHTML;
setTimeout(keepLooking, LOOK_MS);
