//! A graph, with the text it was made of: for leaves of other shapes it is made anew.

use crate::{
    arrays::{self, Format, Intake, Named},
    known::Fit,
    leaves::{lay, leaf_of, put},
    planned::Planned,
    reading::Reading,
    refused::{alone, refused},
    run::Run,
    work,
};
use graphrun::{
    Refusal, Spelling,
    diagnostic::{Diagnostic, render_some},
    engine::Memory,
    faults::Faults,
    graph::{Origin, ValueId},
    inside::folder_of,
    load::{Input, open},
    precision::Precision,
    resolve::{Request, resolve},
    shape::Shape,
    source::SourceMap,
    syntax::Document,
    tensor::{Kind, Tensor},
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Graphs that are kept for leaves of other shapes than the first.
const KEPT: usize = 8;

/// What a graph is made of, whatever its leaves hold.
struct Text {
    document: Document,
    request: Request,
    sources: SourceMap,
    /// What people know it by.
    file: String,
}

/// Names and shapes of leaves that are given for a run, and outputs whose gradients are.
type Given = (Vec<(Box<str>, Shape)>, Vec<Box<str>>);

#[pyclass(frozen, module = "graphrun._core")]
pub struct Graph {
    text: Arc<Text>,
    /// Values of leaves, in place of the file's.
    given: Named,
    /// The gradients that backward starts from, by output, in place of the file's.
    upstreams: Named,
    own: Arc<Planned>,
    /// The same text laid out for other runs, the latest last.
    others: Mutex<Vec<(Given, Arc<Planned>)>>,
}

/// Reads a graph file.
#[pyfunction]
pub fn load(py: Python<'_>, path: PathBuf, reading: Reading, leaves: &Bound<'_, PyDict>) -> PyResult<Graph> {
    let folder = folder_of(&path).to_path_buf();
    made(py, &Input::File(&path), path.display().to_string(), folder, &reading, leaves)
}

/// Reads the text of a graph.
#[pyfunction]
pub fn parse(py: Python<'_>, text: &str, reading: Reading, leaves: &Bound<'_, PyDict>) -> PyResult<Graph> {
    made(py, &Input::Text(text), "graph".to_string(), PathBuf::from("."), &reading, leaves)
}

fn made(
    py: Python<'_>,
    input: &Input,
    file: String,
    folder: PathBuf,
    reading: &Reading,
    leaves: &Bound<'_, PyDict>,
) -> PyResult<Graph> {
    let mut sources = SourceMap::default();
    let of_text = matches!(input, Input::Text(_)).then_some(Spelling::Graph);
    let spelling = reading.spelling().map_err(|fault| alone(py, fault))?.or(of_text);
    let request = reading.request(folder, &mut sources).map_err(|refusal| refused(py, &refusal, &sources))?;
    let (given, upstreams) = (arrays::named(leaves, &request.limits)?, reading.upstreams(&request.limits)?);
    let read = work::long(py, |_| {
        let opened = open(input, spelling, &request.limits, &mut sources)?;
        let with_given = with(&request, &given);
        let (graph, document) = opened.graph(&with_given, &mut sources);
        let graph = settled(graph?, &document, &given, &upstreams)?;
        Ok((Planned::new(graph), document))
    })?;
    let (planned, document) = read.map_err(|refusal: Refusal| refused(py, &refusal, &sources))?;
    let text = Arc::new(Text { document, request, sources, file });
    Ok(Graph { text, given, upstreams, own: Arc::new(planned), others: Mutex::default() })
}

fn with(request: &Request, given: &Named) -> Request {
    Request { given: Arc::new(given.iter().cloned().collect()), ..request.clone() }
}

/// A graph that was made with values for its leaves, with the gradients that backward starts from.
fn settled(
    mut graph: graphrun::Graph,
    document: &Document,
    given: &Named,
    upstreams: &Named,
) -> Result<graphrun::Graph, Refusal> {
    let mut faults = Vec::new();
    for (name, _) in given {
        let is_leaf = |id: ValueId| matches!(graph.value(id).origin, Origin::Leaf { .. });
        // Of what an output needs a leaf may be no part.
        let is_known = || document.leaves.iter().any(|leaf| *leaf.name.value == **name);
        if !graph.find(name).is_some_and(is_leaf) && !is_known() {
            let leaves = graph.ids().filter(|&id| is_leaf(id)).map(|id| &*graph.value(id).name);
            let fault = Diagnostic::error(format!("`{name}` is given, and no leaf is called so"));
            faults.push(fault.did_you_mean(name, leaves));
        }
    }
    for (name, upstream) in upstreams {
        match upstream_of(&graph, name, upstream) {
            Ok(start) => {
                graph.upstreams.retain(|(of, _)| *of != start.0);
                graph.upstreams.push(start);
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(graph) } else { Err(Refusal(faults)) }
}

fn upstream_of(
    graph: &graphrun::Graph,
    name: &str,
    upstream: &Tensor,
) -> Result<(ValueId, Tensor), Diagnostic> {
    let outputs = || graph.outputs.iter().map(|&output| &*graph.value(output).name);
    let Some(of) = graph.find(name).filter(|id| graph.outputs.contains(id)) else {
        return Err(Diagnostic::error(format!("upstream: backward does not start at `{name}`"))
            .did_you_mean(name, outputs())
            .help("`output` of the reading says where it starts"));
    };
    let value = graph.value(of);
    let upstream = upstream.clone().into_float();
    if !value.differentiable {
        return Err(Diagnostic::error(format!("upstream: `{name}` has no gradient"))
            .at(value.span, "it depends on no input and no param"));
    }
    if upstream.shape() != value.ty.shape {
        let words =
            format!("upstream: `{name}` has shape {}, and its gradient {}", value.ty.shape, upstream.shape());
        return Err(Diagnostic::error(words).at(value.span, format!("of shape {}", value.ty.shape)));
    }
    if upstream.to_floats().iter().any(|x| !x.is_finite()) {
        return Err(Diagnostic::error(format!("upstream: the gradient at `{name}` is not finite")));
    }
    Ok((of, upstream))
}

impl Graph {
    pub fn graph(&self) -> &graphrun::Graph {
        self.own.graph()
    }

    pub fn sources(&self) -> &SourceMap {
        &self.text.sources
    }

    pub fn file(&self) -> &str {
        &self.text.file
    }

    pub fn request(&self) -> &Request {
        &self.text.request
    }

    pub fn has_leaf(&self, name: &str) -> bool {
        leaf_of(&self.own, name).is_some()
    }

    /// The same text with other values in its leaves.
    ///
    /// # Errors
    /// What does not fit the text.
    pub fn anew(&self, given: &Named) -> Result<graphrun::Graph, Refusal> {
        self.made(&joined(&self.given, given), &self.upstreams)
    }

    fn made(&self, given: &Named, upstreams: &Named) -> Result<graphrun::Graph, Refusal> {
        let text = &self.text;
        let request = with(&text.request, given);
        let made = resolve(&text.document, &request, Faults::within(&request.limits))?;
        settled(made, &text.document, given, upstreams)
    }

    /// The plan for these leaves, and arenas that hold them and the gradients that backward starts from.
    fn prepared(
        &self,
        py: Python<'_>,
        leaves: &Bound<'_, PyDict>,
        upstreams: &Named,
    ) -> PyResult<(Arc<Planned>, Memory<f64>)> {
        let (planned, mut memory) = self.laid(py, leaves, upstreams)?;
        let mut faults = Vec::new();
        for (name, upstream) in upstreams {
            match upstream_of(planned.graph(), name, upstream) {
                Ok((of, upstream)) => memory.set_upstream(planned.plan(), of, upstream.to_floats()),
                Err(fault) => faults.push(fault),
            }
        }
        match faults.is_empty() {
            true => Ok((planned, memory)),
            false => Err(refused(py, &Refusal(faults), self.sources())),
        }
    }

    /// The plan for these leaves, and arenas that hold them. Gradients for the outputs that are named follow.
    fn laid(
        &self,
        py: Python<'_>,
        leaves: &Bound<'_, PyDict>,
        upstreams: &Named,
    ) -> PyResult<(Arc<Planned>, Memory<f64>)> {
        let limits = &self.text.request.limits;
        let mut unseen = None;
        let mut memory = self.own.memory();
        match self.laid_in_own(&mut memory, leaves)? {
            Fit::Fits => return Ok((self.own.clone(), memory)),
            Fit::Unseen => unseen = Some((self.own.clone(), memory)),
            Fit::Other => self.own.take_back(memory),
        }
        let named = arrays::named(leaves, limits)?;
        let mut shapes: Vec<_> = named.iter().map(|(name, tensor)| (name.clone(), tensor.shape())).collect();
        shapes.sort_by(|one, other| one.0.cmp(&other.0));
        let given: Given = (shapes, upstreams.iter().map(|(name, _)| name.clone()).collect());
        let known = |(known, planned): &(Given, Arc<Planned>)| (*known == given).then(|| planned.clone());
        let known: Vec<Arc<Planned>> = self.kept().iter().rev().filter_map(known).collect();
        for planned in known {
            let mut memory = planned.memory();
            // Of what the output needs a leaf may be no part.
            let is_laid = |(name, tensor): &(Box<str>, Tensor)| {
                leaf_of(&planned, name).is_none()
                    || lay(&planned, &mut memory, name, tensor.clone()).is_some()
            };
            match named.iter().all(is_laid).then(|| planned.fit(&mut memory)) {
                Some(Fit::Fits) => return Ok((planned, memory)),
                Some(Fit::Unseen) if unseen.is_none() => unseen = Some((planned, memory)),
                _ => planned.take_back(memory),
            }
        }
        // Those of the graph's own may have another shape.
        let left = self.upstreams.iter().filter(|(name, _)| upstreams.iter().all(|(other, _)| other != name));
        let left: Named = left.cloned().collect();
        let made = work::long(py, |_| self.made(&joined(&self.given, &named), &left).map(Planned::new))?;
        let planned = Arc::new(made.map_err(|refusal| refused(py, &refusal, self.sources()))?);
        if let Some((planned, memory)) = unseen {
            planned.take(&memory);
            return Ok((planned, memory));
        }
        let mut kept = self.kept();
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((given, planned.clone()));
        drop(kept);
        let memory = planned.memory();
        Ok((planned, memory))
    }

    /// Lays leaves into arenas of the graph's own plan, and says what they are to it.
    fn laid_in_own(&self, memory: &mut Memory<f64>, leaves: &Bound<'_, PyDict>) -> PyResult<Fit> {
        let mut intake = Intake::new(&self.text.request.limits);
        let mut are_floats = true;
        for (name, value) in leaves.iter() {
            let name = name.cast::<PyString>()?.to_str()?;
            let kind = match put(&self.own, memory, name, &value) {
                None => lay(&self.own, memory, name, intake.tensor(name, &value)?),
                kind => kind,
            };
            match kind {
                None => return Ok(Fit::Other),
                Some(kind) => are_floats &= kind == Kind::Float,
            }
        }
        Ok(if are_floats { Fit::Fits } else { self.own.fit(memory) })
    }

    /// Nothing of Python's is called while it is locked: another thread may wait for it with the
    /// interpreter's lock in hand.
    fn kept(&self) -> MutexGuard<'_, Vec<(Given, Arc<Planned>)>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn computed(
        &self,
        py: Python<'_>,
        leaves: &Bound<'_, PyDict>,
        upstreams: &Named,
        precision: Precision,
        gradients: bool,
    ) -> PyResult<Run> {
        let (planned, memory) = self.prepared(py, leaves, upstreams)?;
        let memory = match planned.is_long() {
            true => work::long(py, |_| planned.compute(memory, precision, gradients))?,
            false => py.detach(|| work::among(|| planned.compute(memory, precision, gradients)))?,
        };
        Ok(Run::new(planned, memory, precision))
    }
}

/// Values by name, with others in place of those that have the same name.
fn joined(earlier: &Named, later: &Named) -> Named {
    let left = earlier.iter().filter(|(name, _)| later.iter().all(|(other, _)| other != name));
    left.chain(later).cloned().collect()
}

#[pymethods]
impl Graph {
    #[getter]
    fn title(&self) -> Option<&str> {
        self.graph().title.as_deref()
    }

    #[getter(file)]
    fn file_name(&self) -> &str {
        self.file()
    }

    #[getter]
    fn seed(&self) -> u32 {
        self.graph().seed
    }

    #[getter]
    fn warnings(&self) -> String {
        render_some(&self.graph().warnings, self.sources(), false)
    }

    #[getter]
    fn outputs(&self) -> Vec<&str> {
        self.graph().outputs.iter().map(|&id| &*self.graph().value(id).name).collect()
    }

    #[getter]
    fn wanted(&self) -> Vec<&str> {
        self.graph().wanted.iter().map(|&id| &*self.graph().value(id).name).collect()
    }

    /// Of every value but literals: name, role or op, kind, shape, and whether the file names it.
    #[getter]
    fn values(&self) -> Vec<(&str, &str, &str, Vec<usize>, bool)> {
        let graph = self.graph();
        let told = |id: ValueId| {
            let value = graph.value(id);
            let (what, named) = match &value.origin {
                Origin::Leaf { role, .. } => (role.word(), true),
                Origin::Node(node) => {
                    let node = graph.node(*node);
                    (node.kernel.card().name, node.named)
                }
                Origin::Literal(_) | Origin::Upstream(_) => return None,
            };
            Some((&*value.name, what, value.ty.kind.word(), value.ty.shape.to_vec(), named))
        };
        graph.ids().filter_map(told).collect()
    }

    /// The value of a leaf that the graph holds.
    fn leaf<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        if !self.has_leaf(name) {
            return Ok(None);
        }
        let run = Bound::new(py, Run::new(self.own.clone(), self.own.memory(), Precision::F64))?;
        Ok(Some(run.call_method1("value", (name,))?))
    }

    fn given(
        &self,
        py: Python<'_>,
        leaves: &Bound<'_, PyDict>,
        upstreams: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let limits = &self.text.request.limits;
        let given = joined(&self.given, &arrays::named(leaves, limits)?);
        let upstreams = joined(&self.upstreams, &arrays::named(upstreams, limits)?);
        let made = work::long(py, |_| self.made(&given, &upstreams).map(Planned::new))?;
        let planned = made.map_err(|refusal| refused(py, &refusal, self.sources()))?;
        let text = self.text.clone();
        Ok(Self { text, given, upstreams, own: Arc::new(planned), others: Mutex::default() })
    }

    /// Forward, and with `gradients` backward, in a number format.
    fn run(
        &self,
        py: Python<'_>,
        leaves: &Bound<'_, PyDict>,
        upstreams: Option<&Bound<'_, PyDict>>,
        precision: Format,
        gradients: bool,
    ) -> PyResult<Run> {
        let limits = &self.text.request.limits;
        let named = |given| arrays::named(given, limits);
        let upstreams = upstreams.map(named).transpose()?.unwrap_or_default();
        self.computed(py, leaves, &upstreams, precision.0, gradients)
    }
}
