// What makes the pages a little handier; each works without it.
"use strict";

document.documentElement.classList.add("js");

// A button with data-copy="#id" copies the text of that element.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.querySelector(button.dataset.copy).textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    return select(document.querySelector(button.dataset.copy)); // no clipboard without https: leave it selected
  }
  const label = button.textContent;
  button.textContent = "Copied";
  button.classList.add("done");
  setTimeout(() => { button.textContent = label; button.classList.remove("done"); }, 1600);
});

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

// An open menu closes with Escape and with a click elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A switch with data-submit stores itself at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// Elements with data-since (a time) count the seconds since then.
function tick() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 1000));
    element.textContent = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  }
}
tick();
setInterval(tick, 1000);

// The log stays at its end while it grows, unless somebody has scrolled up to read.
const log = document.getElementById("log-box");
if (log && "fromEnd" in log.dataset) log.scrollTop = log.scrollHeight;
if (log && document.getElementById("follow")) {
  let follows = true;
  log.addEventListener("scroll", () => { follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40; });
  new MutationObserver(() => { if (follows) log.scrollTop = log.scrollHeight; }).observe(log, { childList: true, subtree: true });
}

// The name that a git URL proposes is shown where it would be typed.
const url = document.querySelector("[data-propose]");
if (url) {
  const name = document.querySelector(url.dataset.propose);
  const example = name.placeholder;
  url.addEventListener("input", () => {
    const segments = url.value.trim().replace(/^[a-z]+:\/\/[^/]*/i, "").split("/").filter(Boolean).slice(-2);
    name.placeholder = segments.length === 2 ? segments.join("/").replace(/\.git$/, "") : example;
  });
}
