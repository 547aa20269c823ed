// The player: forward, then backward, one step at a time.
const total = graph.steps.length;
/** Everything is shown and nothing lit. */
const whole = total + 1;
const turn = graph.steps.filter((step) => !step.back).length;
const says = byId("says");
const scrub = byId("scrub");
const state = { step: whole, chosen: null, group: null, timer: null };

// From which step on a part and the words of an edge are known.
for (const item of graph.items) item.known = 0;
for (const edge of graph.edges) edge.sentAt = edge.gradient ? turn + 1 : 0;
const knownAt = new Map();
graph.steps.forEach((step, at) => {
  if (!step.back) knownAt.set(step.value, at + 1);
  else for (const edge of step.lights) graph.edges[edge].sentAt = at + 1;
});
for (const item of graph.items) {
  item.known = knownAt.get(item.value) ?? 0;
  item.backAt = 0;
}
for (const edge of graph.edges) {
  const from = graph.items[edge.from];
  edge.known = from.known;
  from.backAt = Math.max(from.backAt, edge.sentAt);
}
graph.steps.forEach((step, at) => { if (step.back) graph.items[step.item].backAt = at + 1; });

const speak = () => {
  const step = graph.steps[state.step - 1];
  if (state.step === whole) {
    says.replaceChildren(tag("p", { className: "count", textContent: total ? `all ${total} steps done` : "there is nothing to compute" }));
    return;
  }
  const count = state.step === 0 ? `before the first of ${total} steps: only the leaves are known`
    : `step ${state.step} of ${total}, ${step.back ? "backward" : "forward"}`;
  const lines = step ? step.says.map((text) => tag("p", { className: step.back ? "says-gradient" : "says-value", textContent: text })) : [];
  says.replaceChildren(tag("p", { className: "count", textContent: count }), ...lines);
};

let lit = [];
const light = () => {
  lit.forEach((element) => element.classList.remove("lit", "lit-back"));
  lit = [];
  const step = graph.steps[state.step - 1];
  if (!step || state.step === whole) return showView();
  const item = graph.items[step.item];
  lit = [seenElement(item), ...step.lights.map((edge) => graph.edges[edge].lead.element)];
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
  scrub.value = Math.min(at, total);
  scrub.classList.toggle("back", at > turn && at < whole);
  scrub.setAttribute("aria-valuetext", at === whole ? "all done" : `step ${at} of ${total}`);
  light();
  speak();
};

const goTo = (step) => {
  state.step = Math.max(0, Math.min(whole, step));
  showStep();
  if (!state.chosen && !state.group) fillPanel();
  keepAddress();
};

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
    goTo(state.step + 1);
    if (state.step >= whole) return pause();
    state.timer = setTimeout(next, 1600 / Number(byId("speed").value));
  };
  if (state.step >= total) goTo(0);
  state.timer = setTimeout(next, 300);
};
