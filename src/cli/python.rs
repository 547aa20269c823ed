//! The user's Python, run on a program of ours: bounded in time, ended with this process, its words kept.

use crate::escape;
use std::{
    env,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Between two looks at the child.
const PAUSE: Duration = Duration::from_millis(20);

/// Of what it says on standard error so many bytes are kept, the last ones.
const KEPT: u64 = 16 << 10;

/// How a program of Python ended.
#[derive(Debug)]
pub enum Ended {
    Well,
    /// With what it said last.
    Failed(ExitStatus, String),
    Late,
    Interrupted,
}

/// The Python that is meant: the one that is named, else that of the virtual environment, else the one on the path.
pub fn chosen(named: Option<&Path>) -> PathBuf {
    let (place, on_path) =
        if cfg!(windows) { ("Scripts/python.exe", "python") } else { ("bin/python", "python3") };
    let of_environment = || {
        let folder = env::var_os("VIRTUAL_ENV").filter(|folder| !folder.is_empty())?;
        Some(Path::new(&folder).join(place))
    };
    named.map(Path::to_path_buf).or_else(of_environment).unwrap_or_else(|| on_path.into())
}

/// A child that never outlives its owner: it is killed when it is let go of, and its standard input, on which it
/// waits to end, closes with this process, however that ends.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a program, which writes beside itself; `said` takes what it says.
///
/// # Errors
/// There is no such Python, or its words cannot be kept.
pub fn run(
    python: &Path,
    program: &Path,
    said: &Path,
    patience: Duration,
    interrupted: &AtomicBool,
) -> io::Result<Ended> {
    let words = File::create(said)?;
    let child = Command::new(python)
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(words.try_clone()?)
        .stderr(words)
        .spawn()?;
    let mut child = Owned(child);
    let started = Instant::now();
    loop {
        if let Some(status) = child.0.try_wait()? {
            return Ok(match status.success() {
                true => Ended::Well,
                false => Ended::Failed(status, last_words(said)?),
            });
        }
        match () {
            () if interrupted.load(Ordering::SeqCst) => return Ok(Ended::Interrupted),
            () if started.elapsed() > patience => return Ok(Ended::Late),
            () => std::thread::sleep(PAUSE),
        }
    }
}

/// The end of what was said, as it can be shown.
fn last_words(said: &Path) -> io::Result<String> {
    let mut file = File::open(said)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(KEPT)))?;
    let mut bytes = Vec::new();
    file.take(KEPT).read_to_end(&mut bytes)?;
    Ok(escape::text(String::from_utf8_lossy(&bytes).trim_end()).into_owned())
}

/// The module that a program found missing, by the last line of its traceback.
pub fn missing_module(said: &str) -> Option<&str> {
    let last = said.lines().next_back()?;
    last.strip_prefix("ModuleNotFoundError: No module named '")?.split('\'').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_module_is_the_one_of_the_last_line() {
        let said = "Traceback (most recent call last):\n  x\nModuleNotFoundError: No module named 'torch'";
        assert_eq!(missing_module(said), Some("torch"));
        assert_eq!(missing_module("ModuleNotFoundError: No module named 'torch'\nend"), None);
        assert_eq!(missing_module(""), None);
    }

    #[test]
    fn a_named_python_is_taken_as_it_is() {
        assert_eq!(chosen(Some(Path::new("other/python"))), Path::new("other/python"));
    }
}
