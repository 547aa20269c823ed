// Folding: what a folded block hides, and how the rest moves together.
const folded = new Set(graph.groups.filter((group) => group.fold.folded).map((group) => group.index));

/** The outermost folded block around a part, or null. */
const hostOf = (group) => {
  let host = null;
  for (let at = group; at !== null; at = graph.groups[at].parent) if (folded.has(at)) host = at;
  return host;
};

/** The length of an arrow head. */
const HEAD = 8;

/** Room between parts that have moved together. */
const GAP = 36;

/** Takes the empty stripes out of an axis: a map from old places to new ones. */
const squeeze = (spans, end) => {
  spans.sort((a, b) => a[0] - b[0]);
  const taken = [];
  for (const [start, stop] of spans) {
    const last = taken[taken.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], stop);
    else taken.push([start, stop]);
  }
  const olds = [], news = [];
  let shift = 0, before = 0;
  for (const [start, stop] of taken) {
    const gap = start - before;
    shift += Math.max(0, gap - GAP);
    olds.push(start, stop);
    news.push(start - shift, stop - shift);
    before = stop;
  }
  const at = (x) => {
    if (!olds.length || x <= olds[0]) return olds.length ? news[0] + Math.max(x - olds[0], -GAP) : x;
    let low = 0, high = olds.length - 1;
    if (x >= olds[high]) return news[high] + Math.min(x - olds[high], GAP);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (olds[middle] <= x) low = middle; else high = middle;
    }
    const share = (x - olds[low]) / (olds[high] - olds[low] || 1);
    return news[low] + share * (news[high] - news[low]);
  };
  return { at, end: olds.length ? at(end) : end };
};

const level = (points) => {
  let path = `M${points[0].x.toFixed(1)} ${points[0].y.toFixed(1)}`;
  for (let at = 1; at < points.length; at++) {
    const [a, b] = [points[at - 1], points[at]];
    if (Math.abs(a.y - b.y) < 0.05) path += `L${b.x.toFixed(1)} ${b.y.toFixed(1)}`;
    else {
      const middle = ((a.x + b.x) / 2).toFixed(1);
      path += `C${middle} ${a.y.toFixed(1)} ${middle} ${b.y.toFixed(1)} ${b.x.toFixed(1)} ${b.y.toFixed(1)}`;
    }
  }
  return path;
};

const shiftBy = (element, x, y) => {
  if (x || y) element.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  else element.removeAttribute("transform");
};

/** What the picture measures, folds and all. */
const extent = { width: graph.width, height: graph.height };

const show = (piece, isShown) => {
  piece.shown = isShown;
  piece.element.style.display = isShown ? "" : "none";
};

/** Of a piece around its outline, for its badges and its halo. */
const ROOM = 40;

const roomOf = (x, y, width, height) => {
  const [across, down] = [width / 2 + ROOM, height / 2 + ROOM];
  return { left: x - across, right: x + across, top: y - down, bottom: y + down };
};

/** The room of a line with its label. */
const roomAlong = (points, label) => {
  const x = points.map((point) => point.x), y = points.map((point) => point.y);
  if (label) x.push(label.x - label.width / 2, label.x + label.width / 2), y.push(label.y - label.height / 2, label.y + label.height / 2);
  return { left: Math.min(...x) - 12, right: Math.max(...x) + 12, top: Math.min(...y) - 12, bottom: Math.max(...y) + 12 };
};

/** Where each fold stands: at the right of its block's room, so that labels have the left. */
const placeFolds = (hosts) => {
  for (const index of hosts) {
    const { place, fold, name } = graph.groups[index];
    const x = place.right - fold.width / 2 - 6;
    // Level with what it puts out, as far as its block's room goes.
    const level = parts.get(name)?.place.y ?? place.y;
    const room = Math.max(0, (place.height - fold.height) / 2);
    const y = Math.min(place.y + room, Math.max(place.y - room, level));
    graph.groups[index].stands = rectangle([x, y, fold.width, fold.height]);
  }
};

/** Edges as they are seen now: hidden ones, and of several into one fold the first. */
const seeEdges = () => {
  const seen = new Map();
  const entering = new Map();
  for (const edge of graph.edges) {
    edge.start = hostOf(graph.items[edge.from].group);
    edge.end = hostOf(graph.items[edge.to].group);
    edge.shown = edge.start === null || edge.start !== edge.end;
    edge.merged = [edge];
    edge.lead = edge;
    edge.moved = null;
    edge.backAt = edge.sentAt;
    if (!edge.shown || edge.end === null) continue;
    const key = `${edge.value}>${edge.end}`;
    if (seen.has(key)) {
      edge.shown = false;
      edge.lead = seen.get(key);
      edge.lead.merged.push(edge);
      edge.lead.backAt = Math.max(edge.lead.backAt, edge.sentAt);
    } else {
      seen.set(key, edge);
      if (!entering.has(edge.end)) entering.set(edge.end, []);
      entering.get(edge.end).push(edge);
    }
  }
  return entering;
};

/** Lays the picture out anew after blocks were folded or opened. */
const arrange = () => {
  const hosts = new Set(graph.groups.map((group) => hostOf(group.index)).filter((host) => host !== null));
  placeFolds(hosts);
  const entering = seeEdges();
  for (const [host, edges] of entering) {
    const box = graph.groups[host].stands;
    edges.sort((a, b) => a.levels.at(-1)[2] - b.levels.at(-1)[2]);
    const tall = Math.max(...edges.map((edge) => edge.label?.height ?? 20), 20) + 6;
    edges.forEach((edge, at) => {
      const off = at - (edges.length - 1) / 2;
      edge.enters = { y: box.y + off * tall, end: box.y + off * Math.min(tall, box.height / (edges.length + 1)) };
      const inside = edge.label && edge.label.x > graph.groups[host].place.left;
      edge.moved = inside ? rectangle([box.left - 26 - edge.label.width / 2, edge.enters.y, edge.label.width, edge.label.height]) : null;
    });
  }
  const anyFolded = hosts.size > 0;
  const [across, down] = anyFolded ? stripes(hosts) : [{ at: (x) => x, end: graph.width }, { at: (y) => y, end: graph.height }];
  Object.assign(extent, { width: across.end, height: down.end });
  for (const group of graph.groups) placeGroup(group, hosts, across, down);
  for (const item of graph.items) placeItem(item, across, down);
  for (const edge of graph.edges) placeEdge(edge, across, down, anyFolded);
};

/** The stripes of both axes on which something stands. */
const stripes = (hosts) => {
  const [x, y] = [[], []];
  const take = (place, room) => {
    x.push([place.left - room, place.right + room]);
    y.push([place.top - room, place.bottom + room]);
  };
  for (const item of graph.items) if (hostOf(item.group) === null) take(item.place, 2);
  for (const index of hosts) take(graph.groups[index].stands, 8);
  for (const edge of graph.edges) {
    if (!edge.shown || !edge.label) continue;
    const label = edge.moved ?? (edge.start === null || edge.label.x > graph.groups[edge.start].place.right ? edge.label : null);
    if (label) take(label, 2);
  }
  for (const group of graph.groups) {
    if (hostOf(group.index) !== null) continue;
    const { left, right, top, bottom } = group.place;
    x.push([left, left + 12], [right - 12, right]);
    y.push([top, top + 24], [bottom - 12, bottom]);
  }
  return [squeeze(x, graph.width), squeeze(y, graph.height)];
};

const placeItem = (item, across, down) => {
  item.host = hostOf(item.group);
  item.element.toggleAttribute("hidden", item.host !== null);
  show(item, item.host === null);
  item.now = { x: across.at(item.place.x), y: down.at(item.place.y) };
  item.room = roomOf(item.now.x, item.now.y, item.place.width, item.place.height);
  if (item.shown) shiftBy(item.element, item.now.x - item.place.x, item.now.y - item.place.y);
  else if (item.isPart) graph.groups[item.host].fold.known = Math.max(graph.groups[item.host].fold.known, item.known);
};

const placeGroup = (group, hosts, across, down) => {
  const { fold } = group;
  show(group, hostOf(group.index) === null);
  show(fold, hosts.has(group.index));
  fold.known = 0;
  // All of it has come back once the end of the block has what it sends.
  fold.backAt = graph.items.find((item) => item.isPart && item.about.name === group.name)?.backAt ?? turn + 1;
  if (fold.shown) {
    const box = group.stands;
    group.now = { x: across.at(box.x), y: down.at(box.y) };
    fold.now = group.now;
    fold.room = roomOf(group.now.x, group.now.y, fold.width, fold.height);
    shiftBy(fold.element, group.now.x, group.now.y);
    fold.element.setAttribute("aria-expanded", "false");
  }
  if (!group.shown) return;
  const [left, right, top, bottom] = [across.at(group.place.left), across.at(group.place.right), down.at(group.place.top), down.at(group.place.bottom)];
  group.room = roomOf((left + right) / 2, (top + bottom) / 2, right - left, bottom - top);
  for (const [frame, room] of [[group.element.querySelector(".group"), 0], [group.element.querySelector(".halo"), 2]]) {
    frame.setAttribute("x", left - room);
    frame.setAttribute("y", top - room);
    frame.setAttribute("width", Math.max(1, right - left + 2 * room));
    frame.setAttribute("height", Math.max(1, bottom - top + 2 * room));
  }
  const words = group.element.querySelector("text");
  words.setAttribute("x", left + 8);
  words.setAttribute("y", top + 14);
  for (const badge of group.element.querySelectorAll("[class^=badge], .on-badge")) shiftBy(badge, right - group.place.right, top - group.place.top);
};

const placeEdge = (edge, across, down, anyFolded) => {
  show(edge, edge.shown);
  if (!edge.shown) return;
  const [from, to] = [graph.items[edge.from], graph.items[edge.to]];
  const host = edge.end === null ? null : graph.groups[edge.end];
  nameGradient(edge, host);
  const points = [];
  const source = edge.start === null ? null : graph.groups[edge.start];
  const begin = source ? source.place.right : -Infinity;
  const finish = host ? host.place.left : Infinity;
  if (source) points.push({ x: source.now.x + source.stands.width / 2, y: source.now.y });
  else points.push({ x: from.now.x + edge.leaves, y: down.at(edge.levels[0][2]) });
  const levels = edge.levels.filter(([left, right]) => right >= begin && left <= finish);
  const place = (x, y) => ({ x: across.at(Math.min(Math.max(x, begin), finish)), y: down.at(y) });
  if (source && levels.length) points.push(place(levels[0][0], levels[0][2]));
  levels.forEach(([left, right, y], at) => {
    if (at > 0) points.push(place(left, y));
    if (at < levels.length - 1 || host) points.push(place(right, y));
  });
  let tip = { x: to.now.x + edge.arrives, y: down.at(edge.levels.at(-1)[2]) };
  if (host) {
    tip = { x: host.now.x - host.stands.width / 2, y: down.at(edge.enters.end) };
    if (edge.moved) {
      points.push({ x: across.at(edge.moved.left) - 4, y: down.at(edge.moved.y) }, { x: across.at(edge.moved.right) + 2, y: down.at(edge.moved.y) });
    }
  }
  // The line ends at the base of its head.
  const stop = tip.x - (edge.head || host ? HEAD : 0);
  points.push({ x: stop, y: tip.y });
  edge.points = points.filter((point, at) => at === 0 || point.x >= points[0].x).map((point) => ({ x: Math.min(point.x, stop), y: point.y }));
  const label = edge.moved ?? edge.label;
  edge.room = roomAlong(edge.points, label && { ...label, x: across.at(label.x), y: down.at(label.y) });
  if (!anyFolded) {
    edge.line.setAttribute("d", edge.drawn.line);
    edge.hit.setAttribute("d", edge.drawn.line);
    edge.head?.setAttribute("d", edge.drawn.head);
    edge.extra.style.display = "none";
    edge.words.forEach((words) => { shiftBy(words, 0, 0); words.style.display = ""; });
    return;
  }
  const path = level(edge.points);
  edge.line.setAttribute("d", path);
  edge.hit.setAttribute("d", path);
  edge.extra.style.display = host ? "" : "none";
  (edge.head ?? edge.extra).setAttribute("d", `M${tip.x.toFixed(1)} ${tip.y.toFixed(1)}l-${HEAD} -3.6v7.2z`);
  placeWords(edge, source, across, down);
};

/** Moves an edge's label with it; one inside of a fold has no room. */
const placeWords = (edge, source, across, down) => {
  const label = edge.moved ?? edge.label;
  const gone = !edge.moved && edge.label && source && edge.label.x < source.place.right;
  for (const words of edge.words) {
    words.style.display = gone ? "none" : "";
    if (label) shiftBy(words, across.at(label.x) - edge.label.x, down.at(label.y) - edge.label.y);
  }
};

/** What comes back along an edge into a fold is the sum over all uses inside. */
const nameGradient = (edge, host) => {
  if (!edge.gradient) return;
  const sum = host && edge.merged.length > 1 ? host.fold.back[edge.name] : undefined;
  edge.gradient.textContent = sum ? `← ${sum}` : edge.gradientWords;
  for (const more of edge.element.querySelectorAll(".gradient")) if (more !== edge.gradient) more.style.visibility = sum ? "hidden" : "";
};

/** Opens all blocks around a part. */
const reveal = (item) => {
  let changed = false;
  for (let at = item.group; at !== null; at = graph.groups[at].parent) changed = folded.delete(at) || changed;
  return changed;
};
