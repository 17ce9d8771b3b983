// Shows which versions of a documentation there are, in a corner of its pages, and says where one is old or a preview.
// It runs in strangers' pages: it adds one element after the body, whose styles neither go out nor let others in.
"use strict";
(() => {
  const script = document.currentScript;
  script?.remove(); // so that the page is what it was
  const [, owner, name, slug] = location.pathname.split("/");
  if (!slug || window.top !== window) return; // a page within another says nothing
  const repository = `/${owner}/${name}`;
  const here = safely(() => decodeURIComponent(slug)) ?? slug;
  const FORMATS = { htmlzip: ["HTML", "zip"], pdf: ["PDF", "pdf"], epub: ["ePub", "epub"] };
  const dismissed = `yaydoc-dismissed:${repository}/${slug}`;

  const CSS = `
    :host { all: initial !important; display: block !important; height: var(--room, 0) !important; }
    @media print { :host { display: none !important; } }
    .corner {
      --back: #fff; --text: #1c2128; --quiet: #57606a; --line: #c9d1d9; --mark: #0a58ca; --hover: #f0f3f6;
      --warn: #fff8e1; --warn-line: #d4a017;
      position: fixed; right: 12px; bottom: 12px; z-index: 900; display: flex; flex-direction: column;
      align-items: flex-end; gap: 8px; width: max-content; max-width: calc(100vw - 24px); box-sizing: border-box;
      color: var(--text); font: 14px/1.45 system-ui, sans-serif; text-align: left; pointer-events: none;
    }
    .dark {
      --back: #1c2128; --text: #e6edf3; --quiet: #9aa7b4; --line: #444c56; --mark: #79b8ff; --hover: #2d333b;
      --warn: #332b12; --warn-line: #b8901f;
    }
    .corner > * { pointer-events: auto; }
    [hidden] { display: none !important; }
    button, a { font: inherit; color: inherit; }
    button { cursor: pointer; }
    .toggle, .panel, .banner {
      background: var(--back); border: 1px solid var(--line); border-radius: 8px; box-sizing: border-box;
      max-width: 100%; box-shadow: 0 2px 10px rgb(0 0 0 / .18);
    }
    .toggle { order: 3; display: flex; align-items: center; gap: 6px; min-height: 32px; padding: 3px 10px; }
    .toggle > span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 40ch; }
    .toggle::after { content: ""; border: 4px solid transparent; border-bottom-color: var(--quiet); translate: 0 -2px; }
    .toggle[aria-expanded="true"]::after { rotate: 180deg; translate: 0 2px; }
    .panel { order: 2; width: 260px; max-height: min(60vh, 420px); overflow: auto; padding: 6px; }
    .panel p { margin: 8px 8px 2px; color: var(--quiet); font-size: 12px; }
    .panel ul { margin: 0; padding: 0; list-style: none; }
    .panel a { display: flex; gap: 8px; padding: 5px 8px; border-radius: 5px; text-decoration: none; }
    .panel a > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .panel a > .name { color: var(--quiet); }
    .panel a:hover, .toggle:hover { background: var(--hover); }
    .panel a[aria-current] { font-weight: 600; border-radius: 0 5px 5px 0; box-shadow: inset 3px 0 var(--mark); }
    .banner { order: 1; display: flex; gap: 8px; align-items: flex-start; width: max-content; padding: 8px 6px 8px 12px;
      background: var(--warn); border-color: var(--warn-line); overflow-wrap: anywhere; }
    .banner > div { flex: 1; }
    .banner a { color: var(--mark); text-decoration: underline; white-space: nowrap; }
    .close { flex: none; width: 28px; height: 28px; padding: 0; border: 0; border-radius: 5px; background: none; }
    .close:hover { background: var(--hover); }
    :focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
    @media (prefers-reduced-motion: no-preference) {
      .panel, .banner { animation: appear .12s ease-out; }
      @keyframes appear { from { opacity: 0; transform: translateY(4px); } }
    }
    @media (max-width: 480px) { .corner { right: 8px; bottom: 8px; max-width: calc(100vw - 16px); } }
  `;

  function safely(attempt) {
    try {
      return attempt();
    } catch {
      return undefined; // storage that the reader has switched off, half an escape in an address
    }
  }

  function element(tag, properties, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(properties)) {
      if (key in made) made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  // Where this page leads to in another version; asked for when a link is about to be used, as pages may change their
  // address without being loaded again. The server knows whether that version has the page.
  function addressIn(version) {
    const path = location.pathname.split("/").slice(4).join("/");
    return `${repository}/-/switch/${encodeURIComponent(version)}/${path}${location.hash}`;
  }

  function link(version, ...children) {
    const made = element("a", { href: addressIn(version) }, ...children);
    for (const event of ["pointerenter", "focus", "pointerdown"]) {
      made.addEventListener(event, () => { made.href = addressIn(version); });
    }
    return made;
  }

  function title(version) {
    return version.kind === "release" || version.kind === "branch" ? version.name : version.slug;
  }

  function item(version) {
    const aside = title(version) === version.name ? "" : version.name;
    const made = link(
      version.slug,
      element("span", { textContent: title(version) }),
      element("span", { className: "name", textContent: aside }),
    );
    if (version.slug === here) made.setAttribute("aria-current", "true");
    return element("li", {}, made);
  }

  function groupOf(label, items) {
    const heading = element("p", { id: `group-${label}`, textContent: label });
    return items.length ? [heading, element("ul", { "aria-labelledby": heading.id }, ...items)] : [];
  }

  function downloads(version) {
    const formats = new Set(["htmlzip", ...(version?.formats ?? [])].filter((format) => format in FORMATS));
    return version ? [...formats].map((format) => {
      const [label, extension] = FORMATS[format];
      const file = encodeURIComponent(`${safely(() => decodeURIComponent(name)) ?? name}-${version.slug}.${extension}`);
      const href = `${repository}/-/downloads/${encodeURIComponent(version.slug)}/${file}`;
      return element("li", {}, element("a", { href, textContent: label }));
    }) : [];
  }

  function panelOf(versions, current) {
    const of = (...kinds) => versions.filter((version) => kinds.includes(version.kind)).map(item);
    return element(
      "div",
      { id: "panel", className: "panel", hidden: true },
      ...groupOf("Versions", of("latest", "stable")),
      ...groupOf("Releases", of("release")),
      ...groupOf("Branches", of("branch")),
      ...groupOf("Downloads", downloads(current)),
    );
  }

  function bannerText(current, newest) {
    const preview = /^pr-(\d+)$/.exec(here);
    if (preview) return [`This is a preview of pull request ${preview[1]}.`, "latest", "Go to the documentation"];
    if (current?.is_old && newest) return [`You are reading an old version: ${title(current)}.`, newest.slug, `Go to ${newest.name}`];
    return null;
  }

  function bannerOf(current, newest, versions) {
    const text = bannerText(current, newest);
    if (!text || safely(() => sessionStorage.getItem(dismissed))) return [];
    const [sentence, target, label] = text;
    const close = element("button", { type: "button", className: "close", "aria-label": "Hide this note", textContent: "×" });
    const words = element("div", { role: "status" }, sentence);
    if (versions.some((version) => version.slug === target)) words.append(" ", link(target, label));
    const banner = element("div", { className: "banner" }, words, close);
    close.addEventListener("click", () => {
      safely(() => sessionStorage.setItem(dismissed, "1"));
      banner.remove();
    });
    return [banner];
  }

  // The page's colours, not the system's: many themes have a switch of their own.
  function isDark() {
    for (const part of [document.body, document.documentElement]) {
      const colour = getComputedStyle(part).backgroundColor.match(/^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/);
      if (colour && colour[4] !== "0") return colour[1] * 0.299 + colour[2] * 0.587 + colour[3] * 0.114 < 128;
    }
    const schemes = getComputedStyle(document.documentElement).colorScheme;
    return schemes.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function followColours(corner) {
    const paint = () => corner.classList.toggle("dark", isDark());
    paint();
    const observer = new MutationObserver(paint);
    for (const part of [document.body, document.documentElement]) observer.observe(part, { attributes: true });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
    addEventListener("load", paint);
    document.addEventListener("transitionend", paint, { passive: true });
  }

  function openAndClose(root, toggle, panel) {
    const show = (isShown) => {
      panel.hidden = !isShown;
      toggle.setAttribute("aria-expanded", String(isShown));
    };
    toggle.addEventListener("click", () => show(panel.hidden));
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || panel.hidden) return;
      event.stopPropagation();
      show(false);
      toggle.focus();
    });
    root.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !root.contains(event.relatedTarget)) show(false);
    });
    document.addEventListener("pointerdown", (event) => {
      if (!event.composedPath().includes(root)) show(false);
    });
  }

  // Below the page, so that its end can be scrolled from under the note, which is gone where the note is closed.
  function makeRoom(host, toggle, banner) {
    const measure = () => {
      if (banner.isConnected) host.style.setProperty("--room", `${banner.offsetHeight + toggle.offsetHeight + 32}px`);
      else host.style.removeProperty("--room");
    };
    new ResizeObserver(measure).observe(banner);
  }

  function show({ versions, newest }) {
    const current = versions.find((version) => version.slug === here);
    const banner = bannerOf(current, versions.find((version) => version.slug === newest), versions);
    if (!banner.length && versions.length < 2 && !current?.formats.length) return; // nothing to choose or to say
    const host = document.createElement("yaydoc-versions");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // no page's content security policy speaks of these
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    const label = current ? title(current) : here;
    const toggle = element(
      "button",
      { type: "button", className: "toggle", "aria-expanded": "false", "aria-controls": "panel", "aria-label": `Version: ${label}` },
      element("span", { textContent: label }),
    );
    const panel = panelOf(versions, current);
    const corner = element("nav", { className: "corner", lang: "en", dir: "ltr", "aria-label": "Versions of this documentation" }, ...banner, toggle, panel);
    root.append(corner);
    openAndClose(root, toggle, panel);
    followColours(corner);
    document.documentElement.append(host);
    if (banner.length) makeRoom(host, toggle, banner[0]);
  }

  fetch(`${repository}/-/versions.json`, { credentials: "omit" })
    .then((answer) => (answer.status === 200 ? answer.json() : null))
    .then((told) => told && show(told))
    .catch(() => {}); // the page is more important than its switcher
})();
