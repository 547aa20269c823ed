//! graphrun reads a computation graph from a text file, runs it forward and
//! backward, and compares backward with the measured gradient of every entry.
//!
//! # The route
//!
//! ```text
//! text ──▶ syntax tree ──▶ graph ──▶ plan ──▶ values, gradients ──▶ report
//!  load     syntax         check     plan        engine, compare     report
//! ```
//!
//! - [`source`] numbers the positions of all texts; a [`source::Span`] is a place in one.
//! - [`syntax`] turns either spelling into one spanned tree: [`syntax::parse`]. It
//!   knows calls, literals and names, but not which ops exist.
//! - [`check`] is the only maker of a [`Graph`]: names resolved, attributes typed,
//!   shapes known: [`resolve::resolve`]. What comes after cannot fail on a name or a shape.
//! - [`plan`] lays a graph out in flat arenas and lists the steps of forward and
//!   the vector–Jacobian products of backward: [`plan::Plan::new`]. Calls of one op on
//!   single numbers that do not wait for each other become a [`plan::Batch`].
//! - [`engine`] runs a plan: [`engine::forward`], [`engine::backward`], and
//!   perturbed copies, [`engine::Perturbation`], which follow a change of one entry
//!   through the [cones](op::cone) of the ops instead of running whole.
//! - [`compare`] measures every gradient entry from forward runs alone and gives
//!   each a verdict: [`compare::compare`].
//! - [`flat`] writes a graph down again, one node a line.
//! - [`regress`] runs graph files as tests.
//! - [`explain`] says in words and numbers what every node sends back.
//! - [`view`] draws a run: a [`view::Scene`] of items and edges, a
//!   [`view::Layout`] that places them, a file for each format.
//! - [`report`] reads results; [`cli`] alone prints and exits. [`load()`] goes from a
//!   file to a graph, [`Run`] from a graph to values and gradients by name.
//!
//! An op is one file in [`ops`], written against [`op`]: its card says everything
//! about it, and forward and backward stand side by side. A source of leaf values
//! is one file in [`sources`].
//!
//! # The floors
//!
//! A file imports only from lower floors, lowest first: `source`, `shape`,
//! `tensor`, `double` · `diagnostic` · `syntax` · `op` · `ops`, `sources` · `graph` · `check`
//! · `load`, `plan` · `flat`, `engine` · `run` · `compare` · `regress` · `report` · `explain`
//! · `view` · `cli`. A test reads the `use` lines and keeps it so.
//!
//! # What always holds
//!
//! - A file that is refused has run nothing, and one refusal shows all faults
//!   that do not hang on each other.
//! - The comparison calls forward functions and never a derivative.
//! - What a cone computes has the bits of a whole forward run. Every comparison holds
//!   some entries of every tensor against whole runs, and a difference is a fault of
//!   this program that it reports.
//! - Results are the same bits on every run and for any number of threads.
//! - Nothing recurses along a graph or a chain of operators: a million nodes in a
//!   row are no deeper than two.
//! - Below `cli` nothing prints, reads a flag or exits.
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

pub mod cli;
pub mod compare;
pub mod diagnostic;
pub mod double;
pub mod engine;
pub mod explain;
pub mod flat;
pub mod graph;
pub mod initializers;
pub mod load;
pub mod op;
pub mod ops;
pub mod plan;
pub mod regress;
pub mod report;
pub mod resolve;
pub mod run;
pub mod shape;
pub mod source;
pub mod syntax;
pub mod tensor;
pub mod view;

pub use diagnostic::Refusal;
pub use graph::Graph;
pub use load::{load, read};
pub use run::Run;
pub use source::Spelling;
