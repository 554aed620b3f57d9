"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const svg = document.getElementById("graph");
  const details = document.getElementById("details");
  const search = document.getElementById("search");
  const nodes = [...document.querySelectorAll(".node")];
  const arrows = [...document.querySelectorAll(".arrow")];
  const byId = new Map(nodes.map((node) => [node.dataset.id, node]));
  const hint = details.innerHTML;
  let kept = null;

  // Large meshes keep a readable size and scroll; small ones fill the page.
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const fit = Math.min(svg.clientWidth / width, svg.clientHeight / height);
  const scale = Math.min(Math.max(fit, 0.6), 1.25);
  if (fit < 0.6 || fit > 1.25) { svg.style.width = width * scale + "px"; svg.style.height = height * scale + "px"; }

  const element = (tag, text, cls) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (cls) made.className = cls;
    return made;
  };

  const list = (title, calls) => {
    const parts = [element("h3", `${title} (${calls.length})`)];
    const items = element("ul");
    for (const call of calls) {
      const item = element("li");
      const button = element("button", call.id);
      button.addEventListener("click", () => keep(call.id));
      item.append(button, element("div", `${call.port}, ${call.from}`), element("div", call.where, "where"));
      items.append(item);
    }
    parts.push(calls.length ? items : element("p", "nobody", "hint"));
    return parts;
  };

  const show = (id) => {
    const facts = data[id];
    details.replaceChildren(
      element("h2", id), element("div", facts.kind), element("code", facts.identity),
      element("div", facts.where, "where"),
      element("p", facts.touched ? `${facts.touched} others are touched when it fails` : "nobody depends on it"),
      ...list("Calls", facts.calls), ...list("Called by", facts.callers));
  };

  const focus = (id) => {
    svg.classList.toggle("focused", id !== null);
    const near = new Set(id === null ? [] : [id]);
    for (const arrow of arrows) {
      const touches = id !== null && (arrow.dataset.from === id || arrow.dataset.to === id);
      arrow.classList.toggle("near", touches);
      if (touches) { near.add(arrow.dataset.from); near.add(arrow.dataset.to); }
    }
    for (const node of nodes) {
      node.classList.toggle("near", near.has(node.dataset.id));
      node.classList.toggle("chosen", node.dataset.id === id && kept === id);
    }
    if (id !== null) show(id); else details.innerHTML = hint;
  };

  const keep = (id) => {
    kept = kept === id ? null : id;
    focus(kept);
    if (kept !== null) byId.get(kept).scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  for (const node of nodes) {
    const id = node.dataset.id;
    node.addEventListener("mouseenter", () => { if (kept === null) focus(id); });
    node.addEventListener("mouseleave", () => { if (kept === null) focus(null); });
    node.addEventListener("click", () => keep(id));
    node.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); keep(id); } });
  }

  search.addEventListener("input", () => {
    const word = search.value.trim().toLowerCase();
    const found = nodes.filter((node) => word && node.dataset.id.toLowerCase().includes(word));
    for (const node of nodes) node.classList.toggle("found", found.includes(node));
    if (found.length) { kept = null; keep(found[0].dataset.id); } else { kept = null; focus(null); }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape") { search.value = ""; kept = null; focus(null); search.blur(); }
  });

  const filter = () => {
    const off = (selector) => new Set([...document.querySelectorAll(selector)].filter((box) => !box.checked).map((box) => box.dataset.namespace || box.dataset.known));
    const spaces = off("[data-namespace][type=checkbox]");
    const kinds = off("[data-known]");
    for (const node of nodes) node.classList.toggle("gone", spaces.has(node.dataset.namespace));
    for (const arrow of arrows) {
      const ends = [byId.get(arrow.dataset.from), byId.get(arrow.dataset.to)];
      const hidden = ends.some((node) => node.classList.contains("gone")) || [...kinds].some((kind) => arrow.classList.contains(kind));
      arrow.classList.toggle("gone", hidden);
    }
  };
  for (const box of document.querySelectorAll("input[type=checkbox]")) box.addEventListener("change", filter);
})();
