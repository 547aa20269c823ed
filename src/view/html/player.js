// The player: forward, then backward, one step at a time.
const total = graph.steps.length;
/** Everything is shown and nothing lit. */
const whole = total + 1;
const turn = graph.steps.filter((step) => !step.back).length;
const says = byId("says");
const scrub = byId("scrub");
const state = { step: 0, chosen: null, group: null, timer: null };

// From which step on a part and the words of an edge are known.
for (const edge of graph.edges) edge.sentAt = edge.gradient ? turn + 1 : 0;
const knownAt = new Map();
graph.steps.forEach((step, at) => {
  if (!step.back) knownAt.set(step.value, at + 1);
  else for (const edge of step.lights) graph.edges[edge].sentAt = at + 1;
});
for (const item of graph.items) {
  item.known = knownAt.get(item.value) ?? 0;
  item.backAt = turn + 1;
}
for (const edge of graph.edges) {
  const from = graph.items[edge.from];
  edge.known = from.known;
  from.backAt = Math.max(from.backAt, edge.sentAt);
}
graph.steps.forEach((step, at) => { if (step.back) graph.items[step.item].backAt = Math.max(graph.items[step.item].backAt, at + 1); });

/** The folded block that a step is done in, or null. */
const hostOfStep = (step) => hostOf(graph.items[step.item].group);
/** The steps that one press leads to: of a folded block the last of each direction, as it is one step. */
let halts = [];
const listHalts = () => {
  const last = new Map();
  const key = (step) => `${hostOfStep(step)} ${step.back}`;
  graph.steps.forEach((step, at) => last.set(key(step), at));
  halts = [0];
  graph.steps.forEach((step, at) => { if (hostOfStep(step) === null || last.get(key(step)) === at) halts.push(at + 1); });
  halts.push(whole);
  if (!halts.includes(state.step)) state.step = halts.find((halt) => halt >= state.step);
  const forward = halts.filter((halt) => halt <= turn).length - 1;
  scrub.max = count();
  byId("turn").hidden = !count() || turn >= total;
  byId("turn").style.left = `${(100 * forward) / (count() || 1)}%`;
};
/** How many steps there are, and which of them one is. */
const count = () => halts.length - 2;
const number = (step) => halts.findIndex((halt) => halt >= step);

/** What a step says, or the whole folded block that it is the last of. */
const saysOf = (step) => {
  const host = hostOfStep(step);
  return host === null ? step.says : graph.groups[host].says[step.back ? "back" : "forward"];
};

/** Whether the caption was scrolled; asking it would make the browser lay everything out. */
let isScrolled = false;
says.addEventListener("scroll", () => { isScrolled = true; });
const speak = () => {
  const step = graph.steps[state.step - 1];
  if (state.step === whole) {
    says.replaceChildren(tag("p", { className: "count", textContent: total ? `all ${count()} steps done` : "there is nothing to compute" }));
    return;
  }
  const where = state.step === 0 ? `before the first of ${count()} steps: only the leaves are known`
    : `step ${number(state.step)} of ${count()}, ${step.back ? "backward" : "forward"}`;
  const lines = step ? saysOf(step).map((text) => tag("p", { className: step.back ? "says-gradient" : "says-value", textContent: text })) : [];
  says.replaceChildren(tag("p", { className: "count", textContent: where }), ...lines);
  if (isScrolled) says.scrollTop = 0;
  isScrolled = false;
};

let lit = [];
const light = () => {
  lit.forEach((element) => element.classList.remove("lit", "lit-back"));
  lit = [];
  const step = graph.steps[state.step - 1];
  if (!step || state.step === whole) return showView();
  const item = graph.items[step.item];
  const host = hostOfStep(step);
  const edges = host === null ? step.lights.map((edge) => graph.edges[edge].lead)
    : graph.edges.filter((edge) => edge.shown && edge.end === host && (!step.back || edge.gradient));
  lit = [seenElement(item), ...edges.map((edge) => edge.element)];
  for (const element of lit) {
    element.classList.add("lit");
    element.classList.toggle("lit-back", step.back);
  }
  bring(seenAt(item));
};

/** Shows of a piece what is known at the present step. */
const dress = ({ element, known, backAt }) => {
  element.classList.toggle("ahead", state.step < known);
  element.classList.toggle("no-value", state.step < known);
  element.classList.toggle("no-gradient", state.step < backAt);
};

const showStep = () => {
  const at = state.step;
  drawn.forEach(dress);
  scrub.value = Math.min(number(at), count());
  scrub.classList.toggle("back", at > turn && at < whole);
  scrub.setAttribute("aria-valuetext", at === whole ? "all done" : `step ${number(at)} of ${count()}`);
  light();
  speak();
};

const goTo = (step) => {
  state.step = Math.max(0, Math.min(whole, step));
  showStep();
  fillPanel();
  keepAddress();
};
/** So many presses on or back. */
const goBy = (by) => goTo(halts[Math.max(0, Math.min(halts.length - 1, number(state.step) + by))]);

const pause = () => {
  clearTimeout(state.timer);
  state.timer = null;
  byId("play").classList.remove("playing");
  byId("play-word").textContent = "Play";
};
const play = () => {
  if (!total) return;
  byId("play").classList.add("playing");
  byId("play-word").textContent = "Pause";
  const next = () => {
    goBy(1);
    if (state.step >= whole) return pause();
    state.timer = setTimeout(next, 1600 / Number(byId("speed").value));
  };
  if (state.step >= total) goTo(0);
  state.timer = setTimeout(next, 300);
};
