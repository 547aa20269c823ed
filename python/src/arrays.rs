//! Values that Python gives: NumPy arrays as they are, and all else through NumPy.

use crate::refused::alone;
use graphrun::{
    diagnostic::Diagnostic,
    limits::{Limits, bytes},
    precision::Precision,
    shape::Shape,
    tensor::Tensor,
};
use numpy::{PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyString},
};

/// Values by name, in the order in which they are given.
pub type Named = Vec<(Box<str>, Tensor)>;

/// A number format by its name.
#[derive(Clone, Copy)]
pub struct Format(pub Precision);

impl<'py> FromPyObject<'_, 'py> for Format {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let word: String = given.extract()?;
        Precision::named(&word).map(Self).ok_or_else(|| {
            let known = Precision::ALL.map(|precision| precision.word());
            let fault = Diagnostic::error(format!("no number format is called {word:?}"));
            alone(given.py(), fault.help(format!("there are {}", known.join(", "))))
        })
    }
}

/// What one call is given, held against the limits of the graph before it is copied: an array may be small in
/// memory and have any number of elements.
pub struct Intake<'a> {
    limits: &'a Limits,
    /// Of what was taken in.
    bytes: u64,
}

impl<'a> Intake<'a> {
    pub fn new(limits: &'a Limits) -> Self {
        Self { limits, bytes: 0 }
    }

    /// The tensor of what Python gives: an array of any library, a number, a list.
    ///
    /// # Errors
    /// A `TypeError` where NumPy can make no array of real numbers of it; a refusal of masked elements, and of
    /// more than a limit allows.
    pub fn tensor(&mut self, name: &str, given: &Bound<'_, PyAny>) -> PyResult<Tensor> {
        Ok(self.with_precision(name, given)?.0)
    }

    /// The same with the format that it is stored in, where it holds floats.
    ///
    /// # Errors
    /// As [`Intake::tensor`].
    pub fn with_precision(
        &mut self,
        name: &str,
        given: &Bound<'_, PyAny>,
    ) -> PyResult<(Tensor, Option<Precision>)> {
        let py = given.py();
        // Making it plain may copy it already. What has no shape lies in memory as it is.
        let shape = given.getattr(intern!(py, "shape")).and_then(|shape| shape.extract::<Vec<usize>>());
        if let Ok(shape) = &shape {
            self.hold(py, name, shape)?;
        }
        no_masked(name, given)?;
        let (plain, word) = plain(given)?;
        if shape.is_err() {
            self.hold(py, name, plain.cast::<PyUntypedArray>()?.shape())?;
        }
        let precision = word.as_deref().and_then(Precision::named);
        if let Ok(floats) = plain.cast::<PyArrayDyn<f64>>() {
            let floats = floats.readonly().as_array().as_standard_layout().into_owned();
            return Ok((Tensor::Float(floats), precision));
        }
        if let Ok(truths) = plain.cast::<PyArrayDyn<bool>>() {
            let truths = truths.readonly().as_array().mapv(i64::from);
            return Ok((Tensor::Bool(truths.as_standard_layout().into_owned()), None));
        }
        let ints: PyReadonlyArrayDyn<i64> = plain.extract()?;
        Ok((Tensor::Int(ints.as_array().as_standard_layout().into_owned()), None))
    }

    fn hold(&mut self, py: Python<'_>, name: &str, shape: &[usize]) -> PyResult<()> {
        let shape = Shape::new(shape);
        let elements = shape.size() as u64;
        // Floats and ints take eight bytes each.
        self.bytes = self.bytes.saturating_add(elements.saturating_mul(8));
        let (limits, what) = (self.limits, || format!("`{name}` is given with shape {shape}"));
        let held = limits
            .hold("elements", elements, || format!("{}: {elements} elements", what()))
            .and_then(|()| limits.hold("bytes", self.bytes, || format!("{}: {}", what(), bytes(self.bytes))));
        held.map_err(|excess| alone(py, excess.into()))
    }
}

/// The tensors of a dict, by name.
///
/// # Errors
/// As [`Intake::tensor`].
pub fn named(given: &Bound<'_, PyDict>, limits: &Limits) -> PyResult<Named> {
    let mut intake = Intake::new(limits);
    let tensor = |(name, value): (Bound<PyAny>, Bound<PyAny>)| {
        let name = name.cast::<PyString>()?.to_str()?;
        Ok((name.into(), intake.tensor(name, &value)?))
    };
    given.iter().map(tensor).collect()
}

/// Elements that Python gives, if they are an array of this type and shape that lies in order.
pub fn fitting<'py, T: numpy::Element>(
    given: &Bound<'py, PyAny>,
    shape: &Shape,
) -> Option<PyReadonlyArrayDyn<'py, T>> {
    // An array of a subclass may say more of its elements, as a masked one does.
    if !given.is_exact_instance_of::<PyUntypedArray>() {
        return None;
    }
    let array = given.cast::<PyArrayDyn<T>>().ok()?;
    let lies_well = array.is_c_contiguous() && array.data().is_aligned();
    (array.shape() == &shape[..] && lies_well).then(|| array.readonly())
}

/// # Errors
/// Elements of an array are masked.
fn no_masked(name: &str, given: &Bound<'_, PyAny>) -> PyResult<()> {
    static MASKED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = given.py();
    if !given.is_instance_of::<PyUntypedArray>() || given.is_exact_instance_of::<PyUntypedArray>() {
        return Ok(());
    }
    let masked: usize = helper(py, &MASKED, "masked")?.call1((given,))?.extract()?;
    if masked == 0 {
        return Ok(());
    }
    let fault = Diagnostic::error(format!(
        "`{name}` is given as a masked array: {masked} of its elements are masked"
    ));
    Err(alone(
        py,
        fault.help(format!("graphs know no masks; say what stands there, as `{name}.filled(0)` does")),
    ))
}

/// An array of float64, int64 or bool that lies aligned, and the format of floats.
fn plain<'py>(given: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Option<String>)> {
    static PLAIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    helper(given.py(), &PLAIN, "plain")?.call1((given,))?.extract()
}

/// A function of the Python module beside this one.
fn helper<'a, 'py>(
    py: Python<'py>,
    kept: &'a PyOnceLock<Py<PyAny>>,
    name: &str,
) -> PyResult<&'a Bound<'py, PyAny>> {
    let found = || Ok::<_, PyErr>(py.import(intern!(py, "graphrun._arrays"))?.getattr(name)?.unbind());
    Ok(kept.get_or_try_init(py, found)?.bind(py))
}
