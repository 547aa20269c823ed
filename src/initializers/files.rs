//! The folders that data files may come from.
//!
//! A path stays inside: it is relative, it never climbs out with `..`, and it is opened by the rule of
//! [`inside`](crate::inside).

use super::{Stamp, unreadable::Unreadable};
use crate::{
    diagnostic::{MissingFile, closest},
    inside::{self, Fault},
    op::Misuse,
};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader},
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Names looked at for "did you mean" in one folder.
const MOST_NAMES: usize = 10_000;

/// The folder of the graph file, then each `--data DIR`.
#[derive(Debug, Clone, Default)]
pub struct Files {
    folders: Vec<PathBuf>,
    /// Every path that was looked for, and how it was then; shared with all clones.
    looked_for: Arc<Mutex<BTreeMap<PathBuf, Stamp>>>,
}

/// A file that was found in one of the folders.
#[derive(Debug)]
pub struct Opened {
    /// Where it lies, without links.
    pub real: PathBuf,
    /// Its path from the folder that one is in.
    pub path: PathBuf,
    pub reader: BufReader<File>,
}

impl Files {
    /// The folders, searched in this order; an empty path is the current folder.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        let named = |folder: PathBuf| if folder.as_os_str().is_empty() { ".".into() } else { folder };
        Self { folders: folders.into_iter().map(named).collect(), ..Self::default() }
    }

    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Every path that was looked for until now, found or not, and how it was then.
    pub fn looked_for(&self) -> Vec<(PathBuf, Stamp)> {
        let looked_for = self.looked_for.lock().unwrap_or_else(PoisonError::into_inner);
        looked_for.iter().map(|(path, stamp)| (path.clone(), *stamp)).collect()
    }

    /// Opens a file.
    ///
    /// # Errors
    /// A path that leaves the folders, and a file that is in none of them or is
    /// no regular file; `Subject::Attribute("file")` is to blame.
    pub fn open(&self, name: &str) -> Result<Opened, Misuse> {
        self.find(name).map_err(|fault| fault.in_file(name))
    }

    /// Opens a data file and hands it to `parse`, whose faults get its name.
    pub(super) fn read<T>(
        &self,
        name: &str,
        parse: impl FnOnce(BufReader<File>) -> Result<T, Unreadable>,
    ) -> Result<T, Misuse> {
        parse(self.open(name)?.reader).map_err(|fault| fault.in_file(name))
    }

    /// Opens the first file of this name, and tells where it lies.
    fn find(&self, name: &str) -> Result<Opened, Unreadable> {
        let path = Path::new(name);
        stays_inside(path)?;
        for folder in &self.folders {
            let whole = folder.join(path);
            self.looked_for
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(whole.clone())
                .or_insert_with(|| Stamp::of(&whole));
            return match inside::open(folder, path, &self.folders) {
                Ok(file) => Ok(Opened {
                    real: whole.canonicalize().unwrap_or_else(|_| whole.clone()),
                    path: if folder == Path::new(".") { path.to_path_buf() } else { whole },
                    reader: BufReader::new(file),
                }),
                Err(Fault::Missing) => continue,
                Err(Fault::LeadsOut) => {
                    Err(Unreadable::new("is a link that leads out of the folders that data may come from")
                        .help("copy the file there, or give the folder where it lies with --data DIR"))
                }
                Err(Fault::Folder) => Err(Unreadable::new("is a folder, not a data file")
                    .help(format!("name a file in it: \"{name}/…\""))),
                Err(Fault::NotRegular) => {
                    Err(Unreadable::new("is not a regular file, but a pipe, a socket or a device"))
                }
                Err(Fault::Other(error)) => Err(error.into()),
            };
        }
        Err(self.missing(path))
    }

    /// Whether a path without links and dots lies in one of the folders.
    fn holds(&self, real: &Path) -> bool {
        self.folders.iter().any(|folder| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder)))
    }

    /// The file of a name that may be looked for, and is in none of the folders.
    pub fn missing_file(&self, name: &str) -> Option<MissingFile> {
        let path = Path::new(name);
        let is_there = |folder: &PathBuf| {
            let found = folder.join(path).canonicalize();
            !found.is_err_and(|error| is_missing(&error))
        };
        let is_missing = stays_inside(path).is_ok() && !self.folders.iter().any(is_there);
        is_missing.then(|| MissingFile { name: name.to_string(), folders: self.folders.clone() })
    }

    fn missing(&self, path: &Path) -> Unreadable {
        if self.folders.is_empty() {
            return Unreadable::new("cannot be looked up: no folder is open to data files")
                .help("give its folder with --data DIR");
        }
        let searched: Vec<String> = self
            .folders
            .iter()
            .map(|folder| match folder.is_dir() {
                true => format!("{folder:?}"),
                false => format!("{folder:?} (which is no folder)"),
            })
            .collect();
        let fault = Unreadable::new(format!("was not found; searched: {}", searched.join(", ")));
        if path.as_os_str().as_encoded_bytes().contains(&b'\\') {
            return fault.help("write `/` between folders; or give its folder with --data DIR");
        }
        match self.similar(path) {
            Some(name) => fault.help(format!("did you mean {name:?}? Or give its folder with --data DIR")),
            None => fault.help("give its folder with --data DIR"),
        }
    }

    /// A file that is there and whose name is much like the missing one's.
    fn similar(&self, path: &Path) -> Option<PathBuf> {
        let typed = path.file_name()?.to_str()?;
        let beside = path.parent().unwrap_or(Path::new(""));
        let names: Vec<String> = self
            .folders
            .iter()
            .filter_map(|folder| folder.join(beside).canonicalize().ok())
            .filter(|folder| self.holds(folder))
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flat_map(|entries| entries.take(MOST_NAMES).flatten())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        // An ending that many files have makes none of them near.
        let (stem, ending) = parts(typed);
        let same_stem = names.iter().filter(|name| parts(name).0 == stem).min();
        let same_ending = names.iter().map(|name| parts(name)).filter(|(_, other)| *other == ending);
        let found = match same_stem {
            Some(name) => name.clone(),
            None => format!("{}{ending}", closest(stem, same_ending.map(|(stem, _)| stem))?),
        };
        Some(beside.join(found))
    }
}

/// A name up to its first point, and its ending.
fn parts(name: &str) -> (&str, &str) {
    name.split_at(name.find('.').unwrap_or(name.len()))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Refuses a path that leaves its folder by its words alone, whatever is on disk.
fn stays_inside(path: &Path) -> Result<(), Unreadable> {
    let mut depth = 0usize;
    for part in path.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir => {
                return Err(Unreadable::new("leaves the folder of the graph file")
                    .help("give the folder where it lies with --data DIR, and write the path from there"));
            }
            Component::RootDir | Component::Prefix(_) => {
                return Err(Unreadable::new(
                    "is an absolute path; a graph file names its data relative to its folder",
                )
                .help("give the folder where it lies with --data DIR, and write the path from there"));
            }
        }
    }
    match depth {
        0 => Err(Unreadable::new("names no file")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn text(files: &Files, name: &str) -> Result<String, Misuse> {
        files.read(name, |mut reader| {
            let mut text = String::new();
            reader.read_to_string(&mut text)?;
            Ok(text)
        })
    }

    fn refusal(files: &Files, name: &str) -> String {
        let misuse = text(files, name).unwrap_err();
        format!("{}|{}", misuse.message, misuse.help.unwrap_or_default())
    }

    #[test]
    fn folders_are_searched_in_order() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(first.path().join("data")).unwrap();
        fs::write(first.path().join("data/a"), "first").unwrap();
        fs::create_dir(second.path().join("data")).unwrap();
        fs::write(second.path().join("data/a"), "second").unwrap();
        fs::write(second.path().join("b"), "b").unwrap();
        let files = Files::new(vec![first.path().into(), second.path().into()]);
        assert_eq!(text(&files, "data/a").unwrap(), "first");
        assert_eq!(text(&files, "./data/../data/a").unwrap(), "first");
        assert_eq!(text(&files, "b").unwrap(), "b");
    }

    #[test]
    fn what_is_missing_is_searched_for_and_guessed_at() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("data/images.idx.gz"), "").unwrap();
        let files = Files::new(vec![folder.path().into(), folder.path().join("nowhere")]);
        let said = refusal(&files, "data/image.idx.gz");
        assert!(said.starts_with("\"data/image.idx.gz\" was not found; searched: "), "{said}");
        assert!(said.contains(&format!("{:?}", folder.path())), "{said}");
        assert!(said.contains("nowhere\" (which is no folder)"), "{said}");
        assert!(said.contains("did you mean \"data/images.idx.gz\"?"), "{said}");
        assert!(said.contains("--data DIR"), "{said}");
        assert!(refusal(&files, "data/images.idx").contains("did you mean \"data/images.idx.gz\"?"));
        assert!(!refusal(&files, "data/quite else").contains("did you mean"));
        assert!(!refusal(&files, "data/img.idx.gz").contains("did you mean"));
        assert!(refusal(&Files::default(), "a").contains("no folder is open"));
        assert!(refusal(&files, "data/images.idx.gz/a").contains("was not found"));
    }

    #[test]
    fn paths_that_leave_the_folders_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(vec![folder.path().into()]);
        assert!(refusal(&files, "/etc/passwd").contains("is an absolute path"));
        assert!(refusal(&files, "../a").contains("leaves the folder"));
        assert!(refusal(&files, "a/../../a").contains("leaves the folder"));
        assert!(refusal(&files, "").contains("names no file"));
        assert!(refusal(&files, "a/..").contains("names no file"));
        assert!(refusal(&files, "a\0b").contains("cannot be read"));
        for path in ["C:\\secret", "\\\\host\\share", "data\\..\\..\\secret"] {
            let said = refusal(&files, path);
            assert!(
                ["write `/`", "an absolute path", "leaves the folder"]
                    .iter()
                    .any(|words| said.contains(words)),
                "{said}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_to_allowed_folders() {
        use std::os::unix::fs::symlink;
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("secret"), "secret").unwrap();
        symlink(outside.path().join("secret"), inside.path().join("link")).unwrap();
        symlink(outside.path(), inside.path().join("folder")).unwrap();
        symlink("loop", inside.path().join("loop")).unwrap();
        let files = Files::new(vec![inside.path().into()]);
        assert!(refusal(&files, "link").contains("leads out of the folders"));
        assert!(refusal(&files, "folder/secret").contains("leads out of the folders"));
        assert!(!refusal(&files, "folder/secred").contains("did you mean"));
        assert!(refusal(&files, "loop").contains("cannot be read"));
        let files = Files::new(vec![inside.path().into(), outside.path().into()]);
        assert_eq!(text(&files, "link").unwrap(), "secret");
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status();
        let files = Files::new(vec![folder.path().into()]);
        assert!(refusal(&files, "data").contains("is a folder"));
        assert!(refusal(&files, "socket").contains("not a regular file"));
        if pipe.is_ok_and(|status| status.success()) {
            assert!(refusal(&files, "pipe").contains("not a regular file"));
        }
    }
}
