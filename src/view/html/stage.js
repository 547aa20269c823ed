// The stage: zoom and pan, pointer and focus on the parts of the graph.
const stage = byId("stage");
const picture = byId("picture");
const world = byId("world");
const tip = byId("tip");
picture.removeAttribute("viewBox");

/** Below this zoom, numbers are too small to read. */
const LEGIBLE = 0.72;

const view = { x: 0, y: 0, k: 1, fitted: true };

/** Of a graph with so many parts and edges only what is near the stage is drawn. */
const HEAVY = 800;
const isHeavy = graph.items.length + graph.edges.length > HEAVY;

/** Leaves out of the drawing what lies outside of the stage and far from its edges. */
const cull = () => {
  if (!isHeavy) return;
  const room = 200;
  const left = (-room - view.x) / view.k, right = (size.width + room - view.x) / view.k;
  const top = (-room - view.y) / view.k, bottom = (size.height + room - view.y) / view.k;
  const leave = (part, x, y, halfWidth, halfHeight) => {
    const away = x + halfWidth < left || x - halfWidth > right || y + halfHeight < top || y - halfHeight > bottom;
    if (away === Boolean(part.away)) return;
    part.away = away;
    part.element.classList.toggle("away", away);
  };
  const at = (item) => item.now ?? item.place;
  for (const item of graph.items) leave(item, at(item).x, at(item).y, item.place.width, item.place.height + 40);
  for (const edge of graph.edges) {
    const [from, to] = [at(graph.items[edge.from]), at(graph.items[edge.to])];
    leave(edge, (from.x + to.x) / 2, (from.y + to.y) / 2, Math.abs(from.x - to.x) / 2 + 80, Math.abs(from.y - to.y) / 2 + 80);
  }
};

/** The stage's size, kept: asking for it makes the browser lay everything out. */
const size = { width: stage.clientWidth, height: stage.clientHeight };
const measure = () => Object.assign(size, { width: stage.clientWidth, height: stage.clientHeight });

const showView = () => {
  cull();
  world.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.k})`;
  picture.classList.toggle("far", view.k < 0.3);
};

const fit = () => {
  const { clientWidth: width, clientHeight: height } = stage;
  const k = Math.min((width - 32) / extent.width, (height - 56) / extent.height, 1.6);
  view.k = Math.max(k, 0.02);
  view.x = (width - extent.width * view.k) / 2;
  view.y = (height - 24 - extent.height * view.k) / 2;
  view.fitted = true;
  showView();
};

/** At first all of a small graph, and as much of a large one as can be read. */
const start = () => {
  fit();
  if (view.k >= LEGIBLE) return;
  view.k = LEGIBLE;
  view.x = Math.max(16, (stage.clientWidth - extent.width * view.k) / 2);
  view.y = Math.max(8, (stage.clientHeight - 24 - extent.height * view.k) / 2);
  showView();
};

/** Zooms by a factor and keeps the point under (x, y) where it is. */
const zoom = (factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) => {
  const k = Math.min(6, Math.max(0.02, view.k * factor));
  view.x = x - (x - view.x) * (k / view.k);
  view.y = y - (y - view.y) * (k / view.k);
  view.k = k;
  view.fitted = false;
  showView();
  keepAddress();
};

/** Moves the picture until a place is well inside of the stage. */
const bring = ({ x, y }) => {
  const [px, py] = [x * view.k + view.x, y * view.k + view.y];
  const [width, height, room] = [size.width, size.height, 70];
  const wanted = (at, size) => (at < room ? room - at : at > size - room ? size - room - at : 0);
  const [dx, dy] = [wanted(px, width), wanted(py, height)];
  if (!dx && !dy) return;
  view.x += dx && (px < room || px > width - room ? width / 2 - px : dx);
  view.y += dy && (py < room || py > height - room ? height / 2 - py : dy);
  view.fitted = false;
  world.classList.toggle("moving", !calm.matches && !isHeavy);
  showView();
};

/** Where a part is seen: itself, or the fold that hides it. */
const seenAt = (item) => (item.host === null ? item.now : graph.groups[item.host].now);
const seenElement = (item) => (item.host === null ? item.element : graph.groups[item.host].box);

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
new ResizeObserver(() => { measure(); view.fitted ? start() : cull(); }).observe(stage);

/** The part, the fold, the block or the edge that an element belongs to. */
const owners = new Map();
graph.items.forEach((item) => owners.set(item.element, { item }));
graph.groups.forEach((group) => {
  owners.set(group.element, { group });
  owners.set(group.box, { group });
});
graph.edges.forEach((edge) => owners.set(edge.element, { edge }));
const ownerOf = (target) => {
  const element = target.closest?.(".item, .block, .use");
  return element ? owners.get(element) : undefined;
};

const tipOf = ({ item, group, edge }) => {
  if (item) return item.tip;
  if (edge) return edge.tip;
  return folded.has(group.index) ? `${group.fold.tip}\ndouble-click to open` : `${group.title}\ndouble-click to fold`;
};

let near = [];
picture.addEventListener("pointerover", (event) => {
  const owner = event.pointerType === "touch" ? undefined : ownerOf(event.target);
  near.forEach((element) => element.classList.remove("near"));
  near = [];
  tip.hidden = !owner;
  if (!owner) return;
  tip.textContent = tipOf(owner);
  const edges = owner.edge ? [owner.edge] : graph.edges.filter((edge) => owner.item && edge.shown && [edge.from, edge.to].includes(owner.item.index));
  near = edges.map((edge) => edge.element);
  near.forEach((element) => element.classList.add("near"));
});
stage.addEventListener("pointermove", (event) => {
  if (tip.hidden) return;
  const box = stage.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  tip.style.left = `${Math.max(4, Math.min(x + 14, box.width - tip.offsetWidth - 8))}px`;
  tip.style.top = `${y + 20 + tip.offsetHeight > box.height ? Math.max(4, y - tip.offsetHeight - 10) : y + 20}px`;
});
stage.addEventListener("pointerleave", () => { tip.hidden = true; });

picture.addEventListener("click", (event) => {
  const owner = ownerOf(event.target);
  if (owner?.item) choose(owner.item.isPart ? owner.item : graph.items.find((item) => item.isPart && item.value === owner.item.value));
  else if (owner?.group) chooseGroup(owner.group);
  else if (owner?.edge) choose(graph.items[owner.edge.from].isPart ? graph.items[owner.edge.from] : graph.items.find((item) => item.isPart && item.value === owner.edge.value));
  else choose(null);
});
picture.addEventListener("dblclick", (event) => {
  const owner = ownerOf(event.target);
  if (owner?.group) toggle(owner.group);
  else if (!owner) zoom(1.5, event.offsetX, event.offsetY);
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
const elementOf = ({ item, group }) => item?.element ?? (folded.has(group.index) ? group.box : group.element);

/** Names every part for readers of the screen; one of them can be tabbed to. */
const nameParts = () => {
  for (const item of graph.items) {
    item.element.setAttribute("role", item.isPart ? "button" : "presentation");
    if (!item.isPart) continue;
    item.element.setAttribute("aria-label", `${item.about.kind} ${item.tip}${item.mark ? `, ${item.mark}` : ""}`);
    item.element.tabIndex = -1;
  }
  for (const group of graph.groups) {
    for (const [element, open] of [[group.element, true], [group.box, false]]) {
      element.setAttribute("role", "button");
      element.setAttribute("aria-expanded", String(open));
      element.setAttribute("aria-label", `block ${group.title}${group.mark ? `, ${group.mark}` : ""}`);
      element.tabIndex = -1;
    }
  }
  graph.edges.forEach((edge) => edge.element.setAttribute("aria-hidden", "true"));
};
const tabTo = (stop) => {
  picture.querySelectorAll('[tabindex="0"]').forEach((element) => { element.tabIndex = -1; });
  if (stop) elementOf(stop).tabIndex = 0;
};
const focusStop = (stop) => {
  if (!stop) return;
  tabTo(stop);
  // What is far from the stage is not drawn, and cannot be focused before it is brought there.
  if (stop.item) bring(stop.item.now);
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
