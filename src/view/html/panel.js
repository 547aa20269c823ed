// The panel: all about the chosen part, or about the graph.
const panel = byId("panel");

const verdictOf = (name) => graph.compare?.tensors?.find((tensor) => tensor.name === name);

const chip = (word) => tag("span", { className: `verdict ${word}`, textContent: word });

/** A tensor: its number, a table of them, or a strip with what lies where. */
const numbers = (about, tensor, kind) => {
  if (!tensor) return [];
  if (tensor.whole) {
    const texts = tensor.whole;
    if (!about.dims.length) return [tag("p", { className: `numbers ${kind}`, textContent: texts[0] })];
    if (!texts.length) return [tag("p", { textContent: "it has no elements" })];
    const columns = about.dims.at(-1);
    const table = tag("table", { className: `numbers ${kind}` });
    for (let at = 0; at < texts.length; at += columns) {
      table.append(tag("tr", {}, ...texts.slice(at, at + columns).map((text) => tag("td", { textContent: text }))));
    }
    return [table];
  }
  const strip = tag("div", { className: `strip ${kind}`, role: "img" });
  strip.setAttribute("aria-label", `from ${tensor.min} to ${tensor.max}`);
  tensor.cells.forEach((cell, at) => {
    const bar = tag("i", { title: `elements ${at * tensor.per_cell} and on` });
    bar.style.setProperty("--size", Math.abs(cell));
    bar.style.setProperty("--top", cell > 0 ? `${50 - 50 * cell}%` : "50%");
    strip.append(bar);
  });
  const lines = [`min ${tensor.min}`, `mean ${tensor.mean}`, `max ${tensor.max}`];
  if (tensor.not_finite) lines.unshift(`${tensor.not_finite} nan or inf`);
  return [
    strip,
    tag("p", { className: `numbers ${kind}` }, ...lines.flatMap((line, at) => (at ? [tag("br"), line] : [line]))),
    tag("p", { className: "numbers", textContent: `first ${tensor.first.join(", ")}, …` }),
  ];
};

const source = (place) => place && tag("pre", {}, tag("small", { textContent: `${place.file}:${place.line}` }), "\n", tag("code", { textContent: place.text ?? "" }));

const section = (title, ...children) => (children.some(Boolean) ? [tag("h3", { textContent: title }), ...children.filter(Boolean)] : []);

/** A button that leads to a step. */
const toStep = (at, words) => tag("button", { type: "button", textContent: words, onclick: () => goTo(at) });
/** How many digits a run in another precision keeps, where that is counted. */
const kept = (words) => words && tag("p", { textContent: `in ${graph.digits}: ${words}` });
/** The value and the gradient of a part, as far as they are known at the present step. */
const values = ({ about, known, backAt }) => {
  const later = (at, word) => tag("p", {}, `${word} in `, toStep(halts[number(at)], `step ${number(at)}`));
  return [
    ...section("Value", ...(state.step < known ? [later(known, "computed")] : [...numbers(about, about.value, "value"), kept(about.kept.value)])),
    ...section("Gradient", ...(!about.gradient ? [tag("p", { textContent: "none is computed here" })]
      : state.step < backAt ? [later(backAt, "comes back")] : [...numbers(about, about.gradient, "gradient"), kept(about.kept.gradient)])),
  ];
};

/** What the comparison found at a leaf; its gradients once they are known. */
const compared = (tensor, isBack) => {
  if (!tensor) return [];
  const counts = ["ok", "zero", "kink", "undecided", "wrong"].filter((word) => tensor[word]).map((word) => `${tensor[word]} ${word}`);
  const lines = tensor.findings.slice(0, isBack ? 4 : 0).map((finding) => {
    const index = finding.index.length ? `[${finding.index.join(", ")}] ` : "";
    const measured = finding.measured !== undefined ? `, truth ${finding.measured}`
      : finding.left !== undefined ? `, slopes beside it ${finding.left} and ${finding.right}` : "";
    return tag("li", { textContent: `${index}${finding.verdict}: backward ${finding.backward}${measured}` });
  });
  const digits = tensor.digits ? `; f64 keeps ${Math.floor(tensor.digits.least)} digits or more` : "";
  return [tag("p", { textContent: `${tensor.compared} of ${tensor.entries} entries compared: ${counts.join(", ") || "none"}${digits}` }), tag("ul", {}, ...lines)];
};

/** What is wrong at a node or a block, in words. */
const guilt = (name) => (graph.compare?.location?.guilty ?? []).filter((guilty) => guilty.name === name).flatMap((guilty) => [
  tag("p", { textContent: `the fault is in this ${guilty.is_block ? "block" : "node"}` }),
  tag("ul", {}, ...guilty.inputs.map((input) => tag("li", { textContent: `its gradient for ${input.name}${input.text ? `: ${input.text}` : ""}` }))),
]);

const sentences = (item) => graph.steps.map((step, at) => ({ step, at })).filter(({ step }) => step.item === item.index)
  .flatMap(({ step, at }) => [
    toStep(halts[number(at + 1)], `${step.back ? "backward" : "forward"}, step ${number(at + 1)}`),
    ...(state.step <= at ? [] : saysOf(step)).map((text) => tag("p", { className: `sentence ${step.back ? "gradient" : "value"}`, textContent: text })),
  ]);

const aboutItem = (item) => {
  const { about } = item;
  const kind = about.block && about.block.by_hand.length ? `block ${about.block.of}, backward by hand` : about.kind;
  const fold = item.group === null ? null : tag("button", {
    type: "button", textContent: `Fold ${graph.groups[item.group].title}`, onclick: () => toggle(graph.groups[item.group]),
  });
  return [
    tag("h2", { textContent: about.name }),
    tag("p", {}, kind, item.mark ? " " : "", item.mark ? chip(item.mark) : ""),
    about.doc && tag("p", { textContent: about.doc }),
    ...guilt(about.name),
    ...section("Call", about.call && tag("code", { textContent: about.call })),
    ...section("Formula", about.formula && tag("code", { textContent: about.formula })),
    ...section("Backward of the op", about.rules?.length ? tag("ul", {}, ...about.rules.map(([to, rule]) => tag("li", {}, `${to}: `, tag("code", { textContent: rule })))) : null),
    ...section("Shape", tag("p", { textContent: about.dims.length ? about.shape : "a scalar" })),
    ...values(item),
    ...section("Comparison", ...(verdictOf(about.name) ? compared(verdictOf(about.name), state.step >= item.backAt) : [])),
    ...section("Worked out", ...sentences(item)),
    ...section("Source", source(about.source), ...(about.block?.by_hand ?? []).map((line) => tag("pre", {}, tag("code", { textContent: line })))),
    fold && tag("p", { className: "sentence" }, fold),
  ];
};

const aboutGroup = (group) => {
  const isFolded = folded.has(group.index);
  const end = graph.items.find((item) => item.isPart && item.about.name === group.name);
  return [
    tag("h2", { textContent: group.title }),
    tag("p", {}, `a block of ${end?.about.block?.nodes ?? "several"} nodes`, group.mark ? " " : "", group.mark ? chip(group.mark) : ""),
    ...guilt(group.name),
    tag("p", { className: "sentence" }, tag("button", { type: "button", textContent: isFolded ? "Open it" : "Fold it", onclick: () => toggle(group) })),
    ...(end ? [...values(end), ...section("Worked out", ...sentences(end)), ...section("Source", source(end.about.source))] : []),
    ...section("Backward by hand", ...(end?.about.block?.by_hand ?? []).map((line) => tag("pre", {}, tag("code", { textContent: line })))),
    ...section("Definition", source(end?.about.block?.definition)),
  ];
};

const aboutGraph = () => {
  const forward = halts.filter((halt) => halt > 0 && halt <= turn).length;
  const back = count() - forward;
  const leaves = graph.items.filter((item) => ["input", "param"].includes(item.form));
  const wrong = graph.compare?.location?.guilty ?? [];
  return [
    tag("h2", { textContent: graph.title ?? graph.file }),
    tag("p", { textContent: `${forward} steps forward${back ? `, ${back} backward` : ""}. Play them, press → for one, or click a part for all about it.` }),
    ...section("Comparison", graph.compare
      ? tag("p", {}, chip(graph.compare.verdict), ` ${graph.compare.entries} gradient entries against measurement`)
      : tag("p", { textContent: "not made; `--check` compares every gradient with a measured one" })),
    wrong.length ? tag("ul", {}, ...wrong.map((guilty) => tag("li", {}, link(guilty.name), `: the fault is in this ${guilty.is_block ? "block" : "node"}`))) : null,
    ...section("Blocks by hand, tried alone", graph.compare?.blocks?.length ? tag("ul", {}, ...graph.compare.blocks.map((block) =>
      tag("li", {}, link(block.name), ` ${block.of}, ${block.lines.length} ${block.lines.length === 1 ? "line" : "lines"} `, chip(block.verdict)))) : null),
    ...section("Inputs and params", leaves.length ? tag("ul", {}, ...leaves.map((item) => {
      const verdict = verdictOf(item.about.name);
      return tag("li", {}, link(item.about.name), item.about.dims.length ? ` ${item.about.shape}` : "", verdict && item.mark ? " " : "", verdict && item.mark ? chip(item.mark) : "");
    })) : null),
  ];
};

const link = (name) => tag("button", {
  type: "button", textContent: name,
  onclick: () => {
    const item = [...parts.values()].find((part) => part.about.name === name);
    const group = graph.groups.find((known) => known.name === name);
    if (group && folded.has(group.index)) chooseGroup(group); else if (item) find(item);
  },
});

const fillPanel = () => {
  const step = state.step === whole ? undefined : graph.steps[state.step - 1];
  const host = step && hostOfStep(step);
  const item = state.chosen ?? (step && host === null ? graph.items[step.item] : null);
  const group = state.group ?? (state.chosen || !step || host === null ? null : graph.groups[host]);
  const content = group ? aboutGroup(group) : item ? aboutItem(item) : aboutGraph();
  panel.replaceChildren(tag("button", { type: "button", className: "close", ariaLabel: "Close the details", textContent: "×", onclick: () => showPanel(false) }), ...content.filter((part) => part !== null && part !== undefined && part !== ""));
};
