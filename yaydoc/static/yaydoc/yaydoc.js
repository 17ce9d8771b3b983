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

// A form that came back with errors shows the first of them, wherever on the page it is.
document.querySelector("[aria-invalid=true]")?.focus();

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

// The part of another page that data-dialog or data-follow names.
async function fetchPart(address, selector, options) {
  const answer = await fetch(address, options);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
}

// A link with data-dialog="#id" shows that part of its page as a dialog. The browser gives the focus back.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const part = await fetchPart(link.href, link.dataset.dialog).catch(() => null);
  if (!part) return location.assign(link.href);
  if (document.querySelector("dialog")) return; // somebody has clicked twice
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", part.getAttribute("aria-labelledby"));
  part.querySelector("form[method=dialog]").hidden = false;
  dialog.append(part);
  document.body.append(dialog);
  dialog.addEventListener("click", (click) => { if (click.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  dialog.querySelector("select, input")?.focus(); // rather than the button that closes it
});

// What a form with data-follow="#id" is filled with shows in that part of the page at once, and needs no sending.
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-follow]")) event.preventDefault();
});
let following = new AbortController();
document.addEventListener("input", async (event) => {
  const form = event.target.closest("form[data-follow]");
  if (!form) return;
  following.abort();
  following = new AbortController();
  const { signal } = following;
  await new Promise((resume) => { setTimeout(resume, 150); }); // ms, while somebody types
  if (signal.aborted) return;
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  const part = await fetchPart(address, form.dataset.follow, { signal }).catch(() => null);
  if (part && !signal.aborted) document.querySelector(form.dataset.follow).replaceWith(part);
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
