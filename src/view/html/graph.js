// The graph as the page was given it, and the elements that draw its parts.
const byId = (id) => document.getElementById(id);
const graph = JSON.parse(byId("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const svg = (name, attributes = {}, parent = null) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (parent) parent.append(element);
  return element;
};

/** An element with text or children. */
const tag = (name, options = {}, ...children) => {
  const element = Object.assign(document.createElement(name), options);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

const rectangle = ([x, y, width, height]) => ({
  x, y, width, height, left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2,
});

/** A dotted frame around a part, seen while it is chosen or focused. */
const halo = (element, place, room) => svg("rect", {
  class: "halo", x: place.left - room, y: place.top - room, width: place.width + 2 * room, height: place.height + 2 * room, rx: 8,
}, element);

/** Takes the words that the browser would show for itself, late and small. */
const takeTitle = (element) => {
  const title = element.querySelector(":scope > title");
  title?.remove();
  return title?.textContent ?? "";
};

graph.items.forEach((item, index) => {
  item.index = index;
  item.place = rectangle(item.place);
  item.element = byId(`node-${item.key}`);
  item.about = { ...graph.ops[graph.values[item.value].op], ...graph.values[item.value] };
  item.isPart = item.form !== "end" && item.form !== "port";
  item.tip = takeTitle(item.element);
  halo(item.element, item.place, 4);
});

graph.groups.forEach((group, index) => {
  group.index = index;
  group.place = rectangle(group.place);
  group.element = byId(`group-${group.key}`);
  halo(group.element, group.place, 2);
  const words = group.element.querySelector("text");
  words.textContent = `▾ ${words.textContent}`;
  byId("world").insertAdjacentHTML("beforeend", group.fold.markup);
  group.fold.element = byId("world").lastElementChild;
  group.fold.element.classList.add("folded");
  group.fold.mark = group.mark;
  takeTitle(group.fold.element);
  halo(group.fold.element, rectangle([0, 0, group.fold.width, group.fold.height]), 4);
});

graph.edges.forEach((edge, index) => {
  edge.index = index;
  const [from, to] = [graph.items[edge.from], graph.items[edge.to]];
  edge.element = byId(`edge-${from.key}-${to.key}-${edge.input}`);
  edge.tip = takeTitle(edge.element);
  edge.line = edge.element.querySelector(".edge");
  edge.head = edge.element.querySelector("path.head") ?? null;
  edge.label = edge.label && rectangle(edge.label);
  edge.value = from.value;
  // Where the line leaves its start and where its head ends, from the middles of both.
  const start = /^M(-?[\d.]+) (-?[\d.]+)/.exec(edge.line.getAttribute("d"));
  edge.leaves = start ? Number(start[1]) - from.place.x : 0;
  const tip = edge.head && /^M(-?[\d.]+) (-?[\d.]+)/.exec(edge.head.getAttribute("d"));
  edge.arrives = tip ? Number(tip[1]) - to.place.x : -to.place.width / 2;
  edge.drawn = { line: edge.line.getAttribute("d"), head: edge.head?.getAttribute("d") };
  edge.hit = svg("path", { class: "hit", d: edge.drawn.line });
  edge.element.prepend(edge.hit);
  // The head of an edge that has none until its end is folded.
  edge.extra = svg("path", { class: "head" });
  if (!edge.head) edge.element.append(edge.extra);
  edge.words = [...edge.element.children].filter((child) => ![edge.line, edge.head, edge.hit, edge.extra].includes(child));
  edge.gradient = edge.element.querySelector("text.gradient");
  edge.gradientWords = edge.gradient?.textContent;
});

/** All that is drawn, from the back to the front. */
const pieces = [...graph.groups, ...graph.edges, ...graph.items, ...graph.groups.map((group) => group.fold)];

/** With so many parts and edges only what is near the stage is in the tree. */
const HEAVY = 800;
const isHeavy = graph.items.length + graph.edges.length > HEAVY;
/** The pieces that are in the tree. */
let drawn = isHeavy ? [] : pieces;
if (isHeavy) byId("world").replaceChildren();

/** The parts, by the key that the address of the page has. */
const parts = new Map(graph.items.filter((item) => item.isPart).map((item) => [item.key, item]));
