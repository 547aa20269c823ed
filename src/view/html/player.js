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
for (const edge of graph.edges) edge.backAt = edge.gradient ? turn + 1 : 0;
graph.steps.forEach((step, at) => {
  if (!step.back) for (const item of graph.items) if (item.value === step.value) item.known = Math.max(item.known, at + 1);
  if (step.back) for (const edge of step.lights) graph.edges[edge].backAt = at + 1;
});
for (const item of graph.items) {
  const own = graph.steps.findIndex((step) => step.back && step.item === item.index);
  const uses = graph.edges.filter((edge) => edge.from === item.index).map((edge) => edge.backAt);
  item.backAt = own >= 0 ? own + 1 : Math.max(0, ...uses);
}

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
  if (!step || state.step === whole) return;
  const item = graph.items[step.item];
  lit = [seenElement(item), ...step.lights.map((edge) => graph.edges[edge].lead.element)];
  for (const element of lit) {
    element.classList.add("lit");
    element.classList.toggle("lit-back", step.back);
  }
  bring(seenAt(item));
};

const showStep = () => {
  const at = state.step;
  for (const item of graph.items) {
    item.element.classList.toggle("ahead", at < item.known);
    item.element.classList.toggle("no-gradient", at < item.backAt);
  }
  for (const edge of graph.edges) {
    if (!edge.shown) continue;
    edge.element.classList.toggle("ahead", at < graph.items[edge.from].known);
    edge.element.classList.toggle("no-value", at < graph.items[edge.from].known);
    edge.element.classList.toggle("no-gradient", at < Math.max(...edge.merged.map((one) => one.backAt)));
  }
  for (const group of graph.groups) {
    const inside = graph.items.filter((item) => item.host === group.index && item.isPart).map((item) => item.known);
    group.box.classList.toggle("ahead", inside.length > 0 && at < Math.max(...inside));
  }
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
