// The page: what the keys, the buttons and the address do.

/** The address holds what is seen, and nothing of what is so anyway. */
const keepAddress = () => {
  const words = [];
  if (state.step !== 0) words.push(`step=${state.step === whole ? "end" : state.step}`);
  const chosen = state.group?.key ?? state.chosen?.key;
  if (chosen) words.push(`${state.group ? "block" : "part"}=${encodeURIComponent(chosen)}`);
  const changed = graph.groups.filter((group) => folded.has(group.index) !== group.fold.folded);
  if (changed.length) words.push(`fold=${graph.groups.filter((group) => folded.has(group.index)).map((group) => encodeURIComponent(group.key)).join(",")}`);
  if (!view.fitted) words.push(`view=${[view.x, view.y, view.k].map((x) => Number(x.toFixed(3))).join(",")}`);
  const address = words.length ? `#${words.join("&")}` : location.pathname + location.search;
  if (address !== (location.hash || location.pathname + location.search)) history.replaceState(null, "", address);
};

const readAddress = () => {
  const words = new Map(location.hash.slice(1).split("&").map((word) => word.split("=")).filter((pair) => pair.length === 2));
  const decoded = (text) => { try { return decodeURIComponent(text); } catch { return ""; } };
  folded.clear();
  const asked = words.has("fold") ? new Set(words.get("fold").split(",").map(decoded)) : null;
  for (const group of graph.groups) if (asked ? asked.has(group.key) : group.fold.folded) folded.add(group.index);
  state.chosen = parts.get(decoded(words.get("part") ?? "")) ?? null;
  state.group = graph.groups.find((group) => group.key === decoded(words.get("block") ?? "")) ?? null;
  const step = words.get("step") === "end" ? whole : Number.parseInt(words.get("step") ?? "", 10);
  state.step = Number.isFinite(step) ? Math.max(0, Math.min(whole, step)) : 0;
  listHalts();
  const [x, y, k] = (words.get("view") ?? "").split(",").map(Number);
  arrange();
  if ([x, y].every(Number.isFinite) && k > 0) Object.assign(view, { x, y, k, fitted: false }); else start();
  showView();
  markChosen();
  showStep();
};

const markChosen = () => {
  marked.chosen?.classList.remove("chosen");
  marked.chosen = state.group ? elementOf({ group: state.group }) : state.chosen && seenElement(state.chosen);
  marked.chosen?.classList.add("chosen");
  tabTo(state.group ? { group: state.group } : state.chosen && state.chosen.host === null ? { item: state.chosen } : stops()[0]);
  fillPanel();
};
const choose = (item) => {
  state.chosen = item ?? null;
  state.group = null;
  markChosen();
  keepAddress();
};
const chooseGroup = (group) => {
  state.group = group;
  state.chosen = null;
  markChosen();
  keepAddress();
};

const arrangeAnew = () => {
  const { fitted } = view;
  listHalts();
  arrange();
  if (fitted) start();
  markChosen();
  showStep();
  keepAddress();
};
const toggle = (group) => {
  if (!folded.delete(group.index)) folded.add(group.index);
  state.group = group;
  state.chosen = null;
  const before = view.fitted ? null : group.now;
  arrangeAnew();
  elementOf({ group }).focus({ preventScroll: true });
  if (before && group.now) bring(group.now);
};

/** Shows a part wherever it is. */
const find = (item) => {
  if (reveal(item)) arrangeAnew();
  choose(item);
  bring(item.now);
};

// Search.
const search = byId("search");
const hits = byId("hits");
let found = [], at = -1;
const looksFor = (words, item) => {
  const text = `${item.about.name} ${item.about.kind} ${item.about.call ?? ""} ${item.about.block?.of ?? ""} ${item.about.source?.text ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
};
const listHits = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  graph.items.forEach((item) => item.element.classList.remove("found"));
  found = words.length ? [...parts.values()].filter((item) => looksFor(words, item)) : [];
  found.sort((a, b) => Number(!a.about.name.toLowerCase().startsWith(words[0])) - Number(!b.about.name.toLowerCase().startsWith(words[0])) || a.value - b.value);
  found.forEach((item) => item.element.classList.add("found"));
  sketch();
  at = found.length ? 0 : -1;
  const rows = found.slice(0, 30).map((item, index) => tag("li", { id: `hit-${index}`, role: "option" }, item.about.name, " ", tag("small", { textContent: item.about.kind })));
  rows.forEach((row, index) => row.addEventListener("pointerdown", (event) => { event.preventDefault(); take(index); }));
  if (words.length && !found.length) rows.push(tag("li", { textContent: "nothing has this name" }));
  if (found.length > 30) rows.push(tag("li", {}, tag("small", { textContent: `and ${found.length - 30} more` })));
  hits.replaceChildren(...rows);
  hits.hidden = !words.length;
  search.setAttribute("aria-expanded", String(!hits.hidden));
  point();
};
const point = () => {
  [...hits.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
  if (at >= 0) { search.setAttribute("aria-activedescendant", `hit-${at}`); hits.children[at].scrollIntoView({ block: "nearest" }); }
  else search.removeAttribute("aria-activedescendant");
};
const take = (index) => {
  const item = found[index];
  if (!item) return;
  hits.hidden = true;
  search.setAttribute("aria-expanded", "false");
  find(item);
};
search.addEventListener("input", listHits);
search.addEventListener("blur", () => { hits.hidden = true; search.setAttribute("aria-expanded", "false"); });
search.addEventListener("keydown", (event) => {
  const last = Math.min(found.length, 30) - 1;
  if (event.key === "ArrowDown") at = Math.min(last, at + 1);
  else if (event.key === "ArrowUp") at = Math.max(0, at - 1);
  else if (event.key === "Enter") take(at);
  else if (event.key === "Escape") { search.value = ""; listHits(); search.blur(); }
  else return;
  event.preventDefault();
  point();
});

// Keys.
const foldChosen = () => {
  const group = state.group ?? (state.chosen && (state.chosen.host ?? state.chosen.group) !== null ? graph.groups[state.chosen.host ?? state.chosen.group] : null);
  if (group) toggle(group);
};
const keys = {
  ArrowRight: () => { pause(); goBy(1); },
  ArrowLeft: () => { pause(); goBy(-1); },
  Home: () => { pause(); goTo(0); },
  End: () => { pause(); goTo(whole); },
  " ": () => (state.timer ? pause() : play()),
  ArrowDown: () => go(1),
  ArrowUp: () => go(-1),
  f: foldChosen,
  "/": () => search.focus(),
  "+": () => zoom(1.25),
  "=": () => zoom(1.25),
  "-": () => zoom(0.8),
  0: () => { fit(); keepAddress(); },
  "?": () => byId("keys").showModal(),
  Escape: () => choose(null),
};
document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open || target === search) return;
  if (target.matches("select") && !["/", "f"].includes(event.key)) return;
  if (target === scrub && ["Home", "End", "ArrowUp", "ArrowDown"].includes(event.key) && event.key.startsWith("Arrow")) return;
  if (target.matches("button") && event.key === " ") return;
  const owner = event.key === "Enter" || event.key === " " ? ownerOf(target) : undefined;
  if (owner && event.key === "Enter") {
    if (owner.group) toggle(owner.group); else if (owner.item) choose(owner.item);
    event.preventDefault();
    return;
  }
  const does = keys[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

// Buttons.
const press = (id, does) => byId(id).addEventListener("click", does);
press("first", () => keys.Home());
press("back", () => keys.ArrowLeft());
press("forth", () => keys.ArrowRight());
press("last", () => keys.End());
press("play", () => keys[" "]());
press("larger", () => zoom(1.25));
press("smaller", () => zoom(0.8));
press("fit", () => keys[0]());
press("help", () => byId("keys").showModal());
press("fold-all", () => { graph.groups.forEach((group) => folded.add(group.index)); arrangeAnew(); });
press("open-all", () => { folded.clear(); arrangeAnew(); });
scrub.addEventListener("input", () => { pause(); goTo(halts[Number(scrub.value)]); });

// The panel, beside the stage or below it.
const showPanel = (isShown) => {
  panel.hidden = !isShown;
  byId("details").setAttribute("aria-expanded", String(isShown));
};
press("details", () => showPanel(panel.hidden));

// Light and dark.
const remembered = (() => { try { return localStorage.getItem("graphrun-theme"); } catch { return null; } })();
const themes = ["auto", "light", "dark"];
const setTheme = (theme) => {
  if (theme === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = theme[0].toUpperCase() + theme.slice(1);
  byId("theme").dataset.theme = theme;
  sketch();
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", sketch);
setTheme(themes.includes(remembered) ? remembered : "auto");
press("theme", () => {
  const next = themes[(themes.indexOf(byId("theme").dataset.theme) + 1) % themes.length];
  setTheme(next);
  try { localStorage.setItem("graphrun-theme", next); } catch { /* the page forgets it, no more */ }
});

// The start.
for (const id of ["fold-all", "open-all"]) byId(id).hidden = graph.groups.length === 0;
scrub.disabled = total === 0;
nameParts();
readAddress();
addEventListener("hashchange", readAddress);

// A page from `show --watch` asks for a newer one, and again when nobody answers.
const waitForNews = async () => {
  try {
    const answer = await fetch(`news?after=${graph.live}`, { cache: "no-store" });
    if (answer.status === 200) return location.reload();
    if (answer.status !== 204) throw new Error(answer.statusText);
    document.body.classList.remove("alone");
    waitForNews();
  } catch {
    document.body.classList.add("alone");
    setTimeout(waitForNews, 2000);
  }
};
if (graph.live !== null) waitForNews();
