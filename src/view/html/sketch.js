// The sketch: a large graph from afar, as lines and outlines without a word. It is
// painted, as no browser moves thousands of elements at once.
const canvas = tag("canvas", { id: "sketch" });
const pen = canvas.getContext("2d");
if (isHeavy) picture.before(canvas);

/** The least width of a line and the size of a dot, in pixels, however small the picture is. */
const HAIR = 0.5;
const DOT = 4;

const outlined = [...graph.items, ...graph.groups.map((group) => group.fold)].flatMap((piece) => {
  const shape = piece.element.querySelector(".shape");
  const [radius, width, height] = ["r", "width", "height"].map((name) => Number(shape?.getAttribute(name)));
  return shape ? [{ piece, radius, width, height }] : [];
});

const paint = () => {
  canvas.hidden = !isSketched();
  if (canvas.hidden) return;
  canvas.width = Math.round(size.width * devicePixelRatio);
  canvas.height = Math.round(size.height * devicePixelRatio);
  const colours = getComputedStyle(stage);
  const colour = (name) => colours.getPropertyValue(`--${name}`);
  pen.scale(devicePixelRatio, devicePixelRatio);
  pen.translate(view.x, view.y);
  pen.scale(view.k, view.k);
  pen.lineWidth = Math.max(1.2, HAIR / view.k);
  pen.strokeStyle = colour("ink");
  pen.fillStyle = colour("fill");
  const isInSight = sight(0);
  const isSeen = (piece) => piece.shown && isInSight(piece.room);
  const edges = graph.edges.filter(isSeen), outlines = outlined.filter(({ piece }) => isSeen(piece));
  for (const isAhead of [true, false]) {
    const isSo = (piece) => state.step < piece.known === isAhead;
    pen.globalAlpha = isAhead ? 0.38 : 1;
    paintLines(edges.filter(isSo));
    paintOutlines(outlines.filter(({ piece }) => isSo(piece)));
  }
  const marked = (...words) => outlines.map(({ piece }) => piece).filter((piece) => words.includes(piece.mark));
  paintDots(marked("kink", "undecided"), colour("doubtful"));
  paintDots(marked("wrong"), colour("wrong"));
  paintDots(found.filter(isSeen), colour("doubtful"));
};

const paintLines = (edges) => {
  pen.beginPath();
  for (const { points } of edges) {
    pen.moveTo(points[0].x, points[0].y);
    for (const { x, y } of points) pen.lineTo(x, y);
  }
  pen.stroke();
};

const paintOutlines = (outlines) => {
  pen.beginPath();
  for (const { piece: { now: { x, y } }, radius, width, height } of outlines) {
    if (!radius) pen.rect(x - width / 2, y - height / 2, width, height);
    else {
      pen.moveTo(x + radius, y);
      pen.arc(x, y, radius, 0, 2 * Math.PI);
    }
  }
  pen.fill();
  pen.stroke();
};

const paintDots = (items, colour) => {
  pen.fillStyle = colour;
  const wide = DOT / view.k;
  for (const { now: { x, y } } of items) pen.fillRect(x - wide / 2, y - wide / 2, wide, wide);
};

/** Asks to be painted, once for all that changes until the next frame. */
let isAsked = false;
const sketch = () => {
  if (!isHeavy || isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    paint();
  });
};

/** The item or the fold of a sketch that is nearest to the pointer and within its reach. */
const pick = ({ clientX, clientY }) => {
  const box = stage.getBoundingClientRect();
  const [x, y] = [(clientX - box.left - view.x) / view.k, (clientY - box.top - view.y) / view.k];
  let nearest, least = DOT / view.k;
  for (const { piece, radius, width, height } of outlined) {
    if (!piece.shown) continue;
    const off = Math.max(Math.abs(piece.now.x - x) - (radius || width / 2), Math.abs(piece.now.y - y) - (radius || height / 2));
    if (off < least) [nearest, least] = [piece, off];
  }
  return nearest && owners.get(nearest.element);
};
