//! Values that Python gives: NumPy arrays as they are, and all else through NumPy.

use crate::refused::alone;
use graphrun::{diagnostic::Diagnostic, precision::Precision, shape::Shape, tensor::Tensor};
use numpy::{PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
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

/// The tensor of what Python gives: an array of any library, a number, a list.
///
/// # Errors
/// A `TypeError` where NumPy can make no array of real numbers of it.
pub fn tensor(given: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    Ok(with_precision(given)?.0)
}

/// The same with the format that it is stored in, where it holds floats.
///
/// # Errors
/// As [`tensor`].
pub fn with_precision(given: &Bound<'_, PyAny>) -> PyResult<(Tensor, Option<Precision>)> {
    let (plain, word) = plain(given)?;
    let precision = word.as_deref().and_then(Precision::named);
    if let Ok(floats) = plain.cast::<PyArrayDyn<f64>>() {
        return Ok((
            Tensor::Float(floats.readonly().as_array().as_standard_layout().into_owned()),
            precision,
        ));
    }
    if let Ok(truths) = plain.cast::<PyArrayDyn<bool>>() {
        return Ok((Tensor::Bool(truths.readonly().as_array().mapv(i64::from)), None));
    }
    let ints: PyReadonlyArrayDyn<i64> = plain.extract()?;
    Ok((Tensor::Int(ints.as_array().as_standard_layout().into_owned()), None))
}

/// The tensors of a dict, by name.
///
/// # Errors
/// As [`tensor`], with the name.
pub fn named(given: &Bound<'_, PyDict>) -> PyResult<Named> {
    let tensor = |(name, value): (Bound<PyAny>, Bound<PyAny>)| {
        let name = name.cast::<PyString>()?.to_str()?.into();
        Ok((name, tensor(&value)?))
    };
    given.iter().map(tensor).collect()
}

/// Elements that Python gives, if they are an array of this type and shape that lies in order.
pub fn fitting<'py, T: numpy::Element>(
    given: &Bound<'py, PyAny>,
    shape: &Shape,
) -> Option<PyReadonlyArrayDyn<'py, T>> {
    let array = given.cast::<PyArrayDyn<T>>().ok()?;
    (array.shape() == &shape[..] && array.is_c_contiguous()).then(|| array.readonly())
}

/// An array of float64, int64 or bool, and the format of floats.
fn plain<'py>(given: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Option<String>)> {
    static PLAIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = given.py();
    let plain = PLAIN.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import(intern!(py, "graphrun._arrays"))?.getattr(intern!(py, "plain"))?.unbind())
    })?;
    plain.bind(py).call1((given,))?.extract()
}
