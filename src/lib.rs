//! graphrun reads a computation graph from a text file, runs it forward and
//! backward, and compares backward with the measured gradient of every entry.
//!
//! # The route
//!
//! ```text
//! text ──▶ syntax tree ──▶ graph ──▶ plan ──▶ values, gradients ──▶ report
//!  load     syntax        resolve    plan        engine, compare     report
//! ```
//!
//! - [`source`] numbers the positions of all texts; a [`source::Span`] is a place in one.
//! - [`phrasebook`] says what to write here for what people know from other languages.
//! - [`syntax`] turns either spelling into one spanned tree: [`syntax::parse`]. It
//!   knows calls, literals and names, but not which ops exist.
//! - [`mod@resolve`] is the only maker of a [`Graph`]: names resolved, attributes typed,
//!   shapes known: [`resolve::resolve`]. What comes after cannot fail on a name or a shape.
//! - [`plan`] lays a graph out in flat arenas and lists the steps of forward and
//!   the vector–Jacobian products of backward: [`plan::Plan::new`]. Calls of one op on
//!   single numbers that do not wait for each other become a [`plan::Batch`].
//! - [`engine`] runs a plan: [`engine::forward`], [`engine::backward`], and
//!   perturbed copies, [`engine::Perturbation`], which follow a change of one entry
//!   through the [cones](op::cone) of the ops instead of running whole.
//! - [`simulate`] runs a plan as a kernel does that rounds: once to the nearest number, or many times
//!   with every rounding drawn at random, which says how far rounding may carry each result.
//! - [`against`] holds the numbers of another program against a graph by such bars: [`against::against`].
//! - [`compare`] measures every gradient entry from forward runs alone and gives
//!   each a verdict: [`compare::compare`].
//! - [`mod@digits`] counts the digits that runs in a format keep, and finds where they lose them: [`digits::digits`].
//! - [`flat`] writes a graph down again, one node a line.
//! - [`export`] writes a graph as Python for PyTorch or JAX: [`export::module`]; [`export::probe`] runs it there,
//!   [`export::train`] shares its batch out.
//! - [`regress`] runs graph files as tests.
//! - [`explain`] says in words and numbers what every node sends back.
//! - [`view`] draws a run: a [`view::Scene`] of items and edges, a
//!   [`view::Layout`] that places them, a file for each format.
//! - [`report`] reads results; [`cli`] alone prints and exits. [`load()`] goes from a
//!   file to a graph, [`Run`] from a graph to values and gradients by name.
//!
//! An op is one file in [`ops`], written against [`op`]: its card says everything
//! about it, and forward and backward stand side by side. A way to fill a leaf
//! (zeros, random numbers, a data file) is one file in [`initializers`]. [`gallery`] is the library
//! of blocks in the language itself, `use "std/norm"`: its files stand under `graphs/std`.
//!
//! # The floors
//!
//! A file imports only from lower floors, lowest first: `source`, `shape`,
//! `tensor`, `arrays`, `precision`, `double`, `cancel`, `escape`, `inside`, `write` · `diagnostic`, `limits`, `faults`, `budget`, `phrasebook`, `gallery` · `syntax` · `op` ·
//! `ops`, `initializers` · `graph` · `resolve`
//! · `load`, `plan` · `flat`, `engine` · `simulate` · `run` · `compare` · `against`, `digits` · `export`, `regress`
//! · `report` · `explain` · `view` · `cli`. A test reads the `use` lines and keeps it so.
//!
//! # What always holds
//!
//! - A file that is refused has run nothing, and one refusal shows all faults
//!   that do not hang on each other.
//! - Nothing is made of a file before it is counted and held against the table of [`limits`]:
//!   blocks are counted without being expanded, leaves get their values last.
//! - Whatever loops for long can be given up between two of its steps: [`cancel`].
//! - The comparison calls forward functions and never a derivative.
//! - What a cone computes has the bits of a whole forward run. Every comparison holds
//!   some entries of every tensor against whole runs, and a difference is a fault of
//!   this program that it reports.
//! - Results are the same bits on every run and for any number of threads.
//! - Nothing recurses along a graph or a chain of operators: a million nodes in a
//!   row are no deeper than two.
//! - Words of a file go to a terminal, a log, a page or a picture through a function of
//!   [`mod@escape`], each destination through its own.
//! - Below `cli` nothing prints, reads a flag or exits.
//!
//! # Glossary
//!
//! | word | what it means here |
//! |---|---|
//! | *leaf* | a value that no node computes: an `input`, a `param` (both want a gradient) or a `const` |
//! | *node* | one call of an op; its output is a value of the graph |
//! | *truth* | an element of a `bool` tensor; in a run it lies among the floats, as 1 or 0 |
//! | *layer* | a statement that names a block without its inputs: its params belong to all calls of that name |
//! | *volume* | a file of the library that comes with the program |
//! | *block* | a named group of nodes that a file defines once and uses like an op |
//! | *custom backward* | `backward x = …` lines of a block: what backward runs instead of going through its nodes |
//! | *card* | all that an op or an initializer says of itself: name, doc, inputs, attributes, samples, refusals |
//! | *kernel* | an op bound to shapes and attributes, callable with the number type chosen |
//! | *upstream* | the gradient that arrives at an output |
//! | *vector–Jacobian product* | what backward sends from an output's upstream to one input |
//! | *plan* | the steps of a graph, laid out over one arena for each of floats, ints and gradients |
//! | *stage* | one step of a plan, or a *scalar batch*: many calls of one elementwise op on single numbers, run by one loop |
//! | *strip* | neighbours along the innermost axis that one loop goes along |
//! | *cone* | change propagation: recomputes only what a changed entry reaches |
//! | *dirty* | the elements that a change has reached so far |
//! | *inverse map* | for each input element, the output elements that use it |
//! | *branch* | the side of a kink that an element takes; a *fingerprint* of all branches tells two runs apart |
//! | *kink* | a point without a derivative, such as relu at 0 |
//! | *unit* | what is compared alone: a node, or an outermost block with a custom backward |
//! | *verdict* | what the comparison says of one entry: ok, wrong, kink, zero or undecided |
//! | *formula* | what something is expected by, over values of the file; a graph of its own, which adds nothing to the file's |
//! | *dump* | what another program got and gave: arrays under the names of a graph's values |
//! | *bar* | what an entry may be off by, from runs in which every rounding is drawn at random |
//! | *split* | of a simulated run: what a kernel of several steps stores within an op is rounded, too |
//! | *span* | a place in a source text; every part of a tree and of a graph has one |
//! | *digits kept* | the decimal digits of the precise result that one in a coarser format has: minus the logarithm of its relative error |
//! | *refusal* | all diagnostics of a file that did not become a graph |
//! | *to bless* | to write what came out into a file as what is expected from now on |
//!
//! # Features
//!
//! Without the default feature `cli` this crate is a library without a terminal, a signal
//! handler, a server or an allocator; `png` alone adds [`view`]'s PNG.
//!
//! # As a library
//!
//! ```
//! let text = "input x = [1, 2]\ny = sum(x * x)";
//! let graph = graphrun::read(text, graphrun::Spelling::Graph)?;
//! let run = graphrun::Run::backward(&graph);
//! assert_eq!(run.value("y").unwrap().to_floats(), [5.0]);
//! assert_eq!(run.gradient("x").unwrap().to_floats(), [2.0, 4.0]);
//! # Ok::<(), graphrun::Refusal>(())
//! ```
//!
//! A plan is made once and runs many times, with other numbers in its leaves: this is
//! gradient descent.
//!
//! ```
//! use graphrun::{engine::{Memory, backward, forward}, plan::Plan};
//!
//! let graph = graphrun::read("param x = [3, -4]\ny = sum(x * x)", graphrun::Spelling::Graph)?;
//! let x = graph.find("x").unwrap();
//! let plan = Plan::new(&graph, &[x]);
//! let mut memory = Memory::<f64>::new(&plan);
//! memory.set_floats(&plan, x, &[1.0, 2.0]);
//! for _ in 0..3 {
//!     forward(&plan, &mut memory);
//!     backward(&plan, &mut memory);
//!     memory.descend(&plan, x, 0.25);
//! }
//! assert_eq!(memory.float(&plan, x), [0.125, 0.25]);
//! # Ok::<(), graphrun::Refusal>(())
//! ```

pub mod against;
pub mod arrays;
pub mod budget;
pub mod cancel;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
pub mod diagnostic;
pub mod digits;
pub mod double;
pub mod engine;
pub mod escape;
pub mod explain;
pub mod export;
pub mod faults;
pub mod flat;
pub mod gallery;
pub mod graph;
pub mod initializers;
pub mod inside;
pub mod limits;
pub mod load;
pub mod op;
pub mod ops;
pub mod phrasebook;
pub mod plan;
pub mod precision;
pub mod regress;
pub mod report;
pub mod resolve;
pub mod run;
pub mod shape;
pub mod simulate;
pub mod source;
pub mod syntax;
pub mod tensor;
pub mod view;
pub mod write;

pub use diagnostic::Refusal;
pub use graph::Graph;
pub use load::{load, read};
pub use run::Run;
pub use source::Spelling;
