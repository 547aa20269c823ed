//! Names that Python takes.

use crate::escape::is_hidden;
use pest::unicode::{XID_CONTINUE, XID_START};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use unicode_normalization::UnicodeNormalization;

/// Words of Python's grammar.
const KEYWORDS: &str = "False None True and as assert async await break class continue def del elif else except \
                        finally for from global if import in is lambda nonlocal not or pass raise return try while \
                        with yield";

/// What Python has without an import, and its prompt besides.
const BUILTINS: &str = "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup \
                        BlockingIOError BrokenPipeError BufferError BytesWarning ChildProcessError \
                        ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError \
                        DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception \
                        ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning \
                        GeneratorExit IOError ImportError ImportWarning IndentationError IndexError \
                        InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError \
                        ModuleNotFoundError NameError NotADirectoryError NotImplemented NotImplementedError \
                        OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError \
                        PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError \
                        RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError \
                        SystemExit TabError TimeoutError TypeError UnboundLocalError UnicodeDecodeError \
                        UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning \
                        ValueError Warning WindowsError ZeroDivisionError abs aiter all anext any ascii bin bool \
                        breakpoint bytearray bytes callable chr classmethod compile complex copyright credits \
                        delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr \
                        globals hasattr hash help hex id input int isinstance issubclass iter len license list \
                        locals map max memoryview min next object oct open ord pow print property quit range \
                        repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars \
                        zip";

/// Names that the files written here use themselves; and those that are hard to tell from 1 and 0.
const OWN: &str = "torch jax jnp np math Path load_file DTYPE DATA VALUES ctx residuals result rng values leaves \
                   main inputs output upstream upstreams tap self l O I";

/// Names within `main`, which calls the function of the graph.
const OF_MAIN: &str = "outputs wanted total leaves_wanted gradients gradient name value";

/// Modules that the files written here import.
const IMPORTED: &str = "torch jax numpy safetensors pathlib argparse os time math";

static KNOWN: LazyLock<HashSet<&str>> =
    LazyLock::new(|| [KEYWORDS, BUILTINS, OWN].into_iter().flat_map(str::split_ascii_whitespace).collect());

/// The names of one part of a file, each unique.
#[derive(Debug, Clone, Default)]
pub struct Names {
    taken: HashSet<String>,
    /// Where counting goes on, for names that many want.
    next: HashMap<String, usize>,
}

impl Names {
    /// Names at the top of a file.
    pub fn of_file() -> Self {
        let taken = OF_MAIN.split_ascii_whitespace().map(str::to_string).collect();
        Self { taken, ..Self::default() }
    }

    /// A name like this one that is not taken yet: `name`, `name_`, `name_2` and so on.
    pub fn take(&mut self, name: &str) -> String {
        let name = identifier(name);
        let mut count = self.next.get(&name).copied().unwrap_or(0);
        loop {
            let own = match count {
                0 => name.clone(),
                1 => format!("{name}_"),
                _ => format!("{name}_{count}"),
            };
            count += 1;
            if !KNOWN.contains(own.as_str()) && self.taken.insert(own.clone()) {
                if count > 1 {
                    self.next.insert(name, count);
                }
                return own;
            }
        }
    }

    /// Nobody gets this name any more.
    pub fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_string());
    }

    pub fn has(&self, name: &str) -> bool {
        self.taken.contains(name)
    }
}

/// The name as Python spells it. Python takes names of one compatible form, `ﬁ` and `fi`, for one name;
/// those that begin with two underscores have a meaning in classes, or everywhere.
fn identifier(name: &str) -> String {
    let spelled: String =
        name.nfkc().map(|c| if XID_CONTINUE(c) && !is_hidden(c) { c } else { '_' }).collect();
    let word = spelled.trim_start_matches('_');
    match word.chars().next() {
        None => "unnamed".to_string(),
        Some(first) if spelled.len() > word.len() || !XID_START(first) => format!("_{word}"),
        Some(_) => word.to_string(),
    }
}

/// A Python module can have this name, and stands in the way of none that is imported.
pub fn is_module(name: &str) -> bool {
    let is_other =
        [KEYWORDS, IMPORTED].into_iter().flat_map(str::split_ascii_whitespace).any(|word| word == name);
    identifier(name) == name && !is_other
}
