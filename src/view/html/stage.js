// The stage: zoom and pan, pointer and focus on the parts of the graph.
const stage = byId("stage");
const picture = byId("picture");
const world = byId("world");
const tip = byId("tip");
picture.removeAttribute("viewBox");

/** Below this zoom, numbers are too small to read. */
const LEGIBLE = 0.72;

const view = { x: 0, y: 0, k: 1, fitted: true };

/** Below this zoom no word can be read, and a large graph is sketched. */
const FAR = 0.3;
const isSketched = () => isHeavy && view.k < FAR;

/** The stage's size, kept: asking for it makes the browser lay everything out. */
const size = { width: stage.clientWidth, height: stage.clientHeight };
const measure = () => Object.assign(size, { width: stage.clientWidth, height: stage.clientHeight });

/** What of the picture is on the stage and so many pixels around it, as a test of rooms. */
const sight = (around) => {
  const left = (-around - view.x) / view.k, right = (size.width + around - view.x) / view.k;
  const top = (-around - view.y) / view.k, bottom = (size.height + around - view.y) / view.k;
  return (room) => room.right > left && room.left < right && room.bottom > top && room.top < bottom;
};

/** What stays in the tree wherever it is: what is lit, pointed at or chosen, and where the keyboard stands. */
const held = () => new Set([...lit, ...near, marked.chosen, marked.stop, document.activeElement]);

/** Keeps in the tree of a large graph what is near the stage, in its order, and no more. */
const cull = () => {
  if (!isHeavy) return;
  const isHeld = held(), isInSight = sight(200), onlyGroups = isSketched();
  const before = new Set(drawn);
  drawn = pieces.filter((piece) => piece.shown && (isHeld.has(piece.element) || (isInSight(piece.room) && (!onlyGroups || piece.title))));
  const after = new Set(drawn);
  for (const piece of before) if (!after.has(piece)) piece.element.remove();
  let next = null;
  for (const piece of [...drawn].reverse()) {
    if (!before.has(piece)) {
      dress(piece);
      world.insertBefore(piece.element, next);
    }
    next = piece.element;
  }
};

const showView = () => {
  // The browser itself tells when an element leaves the pointer, but knows nothing of a sketch.
  if (isSketched() && pointedAt) pointAt(undefined);
  cull();
  world.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.k})`;
  picture.classList.toggle("far", view.k < FAR);
  picture.classList.toggle("sketched", isSketched());
  sketch();
};

/** The zoom at which all is seen, and the least that there is. */
const fitting = () => Math.min((size.width - 32) / extent.width, (size.height - 56) / extent.height, 1.6);
const least = () => Math.min(0.02, fitting());

const fit = () => {
  world.classList.remove("moving");
  view.k = fitting();
  view.x = (size.width - extent.width * view.k) / 2;
  view.y = (size.height - 24 - extent.height * view.k) / 2;
  view.fitted = true;
  showView();
};

/** At first the whole graph; of one with hundreds of parts as much as can be read, from its first part on. */
const start = () => {
  if (!isHeavy || fitting() >= LEGIBLE) return fit();
  view.k = LEGIBLE;
  view.x = Math.max(16, (size.width - extent.width * view.k) / 2);
  view.y = Math.max(8, (size.height - 24 - extent.height * view.k) / 2);
  // The corner of a large picture may well be empty.
  const first = seenAt(graph.items[0]);
  view.x = Math.min(view.x, size.width / 2 - first.x * view.k);
  view.y = Math.min(view.y, size.height / 2 - first.y * view.k);
  view.fitted = true;
  showView();
};

/** Zooms by a factor and keeps the point under (x, y) where it is. */
const zoom = (factor, x = size.width / 2, y = size.height / 2) => {
  const k = Math.min(6, Math.max(least(), view.k * factor));
  view.x = x - (x - view.x) * (k / view.k);
  view.y = y - (y - view.y) * (k / view.k);
  view.k = k;
  view.fitted = false;
  showView();
  keepAddress();
};

/** All of the graph is on the stage, as one asked for. */
const isWhole = () => view.fitted && view.k <= fitting() * 1.001;

/** Moves the picture until a place is well inside of the stage. */
const bring = ({ x, y }) => {
  if (isWhole()) return showView();
  const [px, py] = [x * view.k + view.x, y * view.k + view.y];
  const [width, height, room] = [size.width, size.height, 70];
  const wanted = (at, size) => (at < room ? room - at : at > size - room ? size - room - at : 0);
  const [dx, dy] = [wanted(px, width), wanted(py, height)];
  if (!dx && !dy) return showView();
  view.x += dx && (px < room || px > width - room ? width / 2 - px : dx);
  view.y += dy && (py < room || py > height - room ? height / 2 - py : dy);
  view.fitted = false;
  world.classList.toggle("moving", !calm.matches && !isHeavy);
  showView();
};

/** Where a part is seen: itself, or the fold that hides it. */
const seenAt = (item) => (item.host === null ? item.now : graph.groups[item.host].now);
const seenElement = (item) => (item.host === null ? item.element : graph.groups[item.host].fold.element);

const pointers = new Map();
let pinch = 0;
picture.addEventListener("pointerdown", (event) => {
  if (event.button > 0) return;
  world.classList.remove("moving");
  pointers.set(event.pointerId, event);
  pinch = 0;
});
picture.addEventListener("pointermove", (event) => {
  const last = pointers.get(event.pointerId);
  if (!last) return;
  if (!picture.hasPointerCapture(event.pointerId)) {
    if (pointers.size === 1 && Math.hypot(event.clientX - last.clientX, event.clientY - last.clientY) < 4) return;
    picture.setPointerCapture(event.pointerId);
    picture.classList.add("dragging");
  }
  pointers.set(event.pointerId, event);
  if (pointers.size === 2) {
    const [a, b] = [...pointers.values()];
    const box = stage.getBoundingClientRect();
    const apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    if (pinch) zoom(apart / pinch, (a.clientX + b.clientX) / 2 - box.left, (a.clientY + b.clientY) / 2 - box.top);
    pinch = apart;
    return;
  }
  view.x += event.clientX - last.clientX;
  view.y += event.clientY - last.clientY;
  view.fitted = false;
  showView();
});
const release = (event) => {
  if (!pointers.delete(event.pointerId)) return;
  picture.classList.remove("dragging");
  pinch = 0;
  keepAddress();
};
picture.addEventListener("pointerup", release);
picture.addEventListener("pointercancel", release);
picture.addEventListener("wheel", (event) => {
  event.preventDefault();
  world.classList.remove("moving");
  const box = stage.getBoundingClientRect();
  const lines = event.deltaMode === 1 ? 20 : 1;
  zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX - box.left, event.clientY - box.top);
}, { passive: false });
new ResizeObserver(() => { measure(); view.fitted ? start() : showView(); }).observe(stage);

/** The part, the fold, the block or the edge that an element belongs to. */
const owners = new Map();
graph.items.forEach((item) => owners.set(item.element, { item }));
graph.groups.forEach((group) => {
  owners.set(group.element, { group });
  owners.set(group.fold.element, { group });
});
graph.edges.forEach((edge) => owners.set(edge.element, { edge }));
const ownerOf = (target) => {
  const element = target.closest?.(".item, .block, .use");
  return element ? owners.get(element) : undefined;
};
/** What an event is about: of a sketch by its place, as parts are not in the tree. */
const ownerAt = (event) => (isSketched() ? pick(event) : undefined) ?? ownerOf(event.target);

/** The words of a tip up to what is not known yet. */
const known = (words, { known, backAt }, value, gradient) => {
  const end = state.step < known ? value : state.step < backAt ? gradient : null;
  return end === null ? words : words.split(end)[0];
};
const tipOf = ({ item, group, edge }) => {
  if (item) return known(item.tip, item, "\nvalue: ", "\ngradient: ");
  if (edge) return known(edge.tip, edge, " = ", "\n← ");
  return folded.has(group.index) ? `${known(group.fold.tip, group.fold, "\nvalue: ", "\ngradient: ")}\ndouble-click to open` : `${group.title}\ndouble-click to fold`;
};

/** The part and the edges that the pointer is on. */
let near = [];
let pointedAt;
const pointAt = (owner) => {
  pointedAt = owner;
  near.forEach((element) => element.classList.remove("near"));
  near = [];
  tip.hidden = !owner;
  if (owner) {
    tip.textContent = tipOf(owner);
    const edges = owner.edge ? [owner.edge] : graph.edges.filter((edge) => owner.item && edge.shown && [edge.from, edge.to].includes(owner.item.index));
    near = [owner.item, ...edges].filter(Boolean).map((part) => part.element);
    near.forEach((element) => element.classList.add("near"));
  }
  cull();
};
picture.addEventListener("pointerover", (event) => pointAt(event.pointerType === "touch" ? undefined : ownerAt(event)));
stage.addEventListener("pointermove", (event) => {
  if (isSketched() && event.pointerType !== "touch" && ownerAt(event) !== pointedAt) pointAt(ownerAt(event));
  if (tip.hidden) return;
  const box = stage.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  tip.style.left = `${Math.max(4, Math.min(x + 14, box.width - tip.offsetWidth - 8))}px`;
  tip.style.top = `${y + 20 + tip.offsetHeight > box.height ? Math.max(4, y - tip.offsetHeight - 10) : y + 20}px`;
});
stage.addEventListener("pointerleave", () => { tip.hidden = true; });

picture.addEventListener("click", (event) => {
  const owner = ownerAt(event);
  if (owner?.item) choose(owner.item.isPart ? owner.item : graph.items.find((item) => item.isPart && item.value === owner.item.value));
  else if (owner?.group) chooseGroup(owner.group);
  else if (owner?.edge) choose(graph.items[owner.edge.from].isPart ? graph.items[owner.edge.from] : graph.items.find((item) => item.isPart && item.value === owner.edge.value));
  else choose(null);
});
picture.addEventListener("dblclick", (event) => {
  const owner = ownerAt(event);
  if (owner?.group) toggle(owner.group);
  else if (!owner) zoom(1.5, event.offsetX, event.offsetY);
});
// The keyboard comes to a part that has been left behind.
picture.addEventListener("focusin", (event) => {
  const owner = ownerOf(event.target);
  if (owner && !sight(0)((owner.item ?? (owner.group.shown ? owner.group : owner.group.fold)).room)) bring(placeOf(owner));
});

/** The parts that the keyboard goes through, in the order of computation. */
const stops = () => {
  const items = graph.items.filter((item) => item.isPart && item.host === null).map((item) => ({ item, order: item.value }));
  const groups = graph.groups.filter((group) => hostOf(group.index) === null || hostOf(group.index) === group.index).map((group) => {
    const inside = graph.items.filter((item) => within(item.group, group.index) && item.isPart).map((item) => item.value);
    return { group, order: (folded.has(group.index) ? Math.max(...inside) : Math.min(...inside) - 0.5) };
  });
  return [...items, ...groups].sort((a, b) => a.order - b.order);
};
const within = (group, outer) => {
  for (let at = group; at !== null; at = graph.groups[at].parent) if (at === outer) return true;
  return false;
};
/** Where one looks at a part: its middle, or the title of an open block. */
const placeOf = ({ item, group }) => item?.now ?? (folded.has(group.index) ? group.now : { x: group.room.left + ROOM + 20, y: group.room.top + ROOM + 14 });
const elementOf = ({ item, group }) => item?.element ?? (folded.has(group.index) ? group.fold.element : group.element);

/** Names every part for readers of the screen; one of them can be tabbed to. */
const nameParts = () => {
  for (const item of graph.items) {
    item.element.setAttribute("role", item.isPart ? "button" : "presentation");
    if (!item.isPart) continue;
    item.element.setAttribute("aria-label", `${item.about.kind} ${item.about.name}${item.mark ? `, ${item.mark}` : ""}`);
    item.element.tabIndex = -1;
  }
  for (const group of graph.groups) {
    for (const [element, open] of [[group.element, true], [group.fold.element, false]]) {
      element.setAttribute("role", "button");
      element.setAttribute("aria-expanded", String(open));
      element.setAttribute("aria-label", `block ${group.title}${group.mark ? `, ${group.mark}` : ""}`);
      element.tabIndex = -1;
    }
  }
  graph.edges.forEach((edge) => edge.element.setAttribute("aria-hidden", "true"));
};
/** The chosen element, and the one that can be tabbed to. */
const marked = { chosen: null, stop: null };
const tabTo = (stop) => {
  if (marked.stop) marked.stop.tabIndex = -1;
  marked.stop = stop ? elementOf(stop) : null;
  if (marked.stop) marked.stop.tabIndex = 0;
  cull();
};
const focusStop = (stop) => {
  if (!stop) return;
  tabTo(stop);
  bring(placeOf(stop));
  elementOf(stop).focus({ preventScroll: true });
  if (stop.item) choose(stop.item); else chooseGroup(stop.group);
};
const go = (by) => {
  const all = stops();
  const at = all.findIndex((stop) => elementOf(stop) === document.activeElement);
  const chosen = all.findIndex((stop) => (stop.item ? stop.item === state.chosen : stop.group === state.group));
  const from = at >= 0 ? at : chosen >= 0 ? chosen : by > 0 ? -1 : all.length;
  focusStop(all[Math.max(0, Math.min(all.length - 1, from + by))]);
};
