//! Long comparisons: how far they are, and Ctrl-C, which ends them with what is
//! known so far.

use super::Outcome;
use crate::{
    compare::{Options, Progress},
    report::grouped,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::{
    fmt::Write,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    time::Duration,
};

/// What is done sooner shows no progress.
const PATIENCE: Duration = Duration::from_millis(700);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Calls `compare` with options that show on a terminal how far it is.
pub fn shown<T>(options: Options, compare: impl FnOnce(&Options) -> T) -> T {
    let progress = Arc::new(Progress::default());
    let options = Options { progress: Some(progress.clone()), ..options };
    let (done, is_done) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut pause = PATIENCE;
            // Nothing is drawn where standard error is no terminal.
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(style());
            while is_done.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                pause = PAUSE;
                bar.set_length(progress.entries.load(Ordering::Relaxed) as u64);
                bar.set_position(progress.done.load(Ordering::Relaxed) as u64);
            }
            bar.finish_and_clear();
        });
        let result = compare(&options);
        drop(done);
        result
    })
}

fn style() -> ProgressStyle {
    let template = "comparing {wide_bar} {done} of {all} entries, {rate} a second, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // As numbers are written everywhere else.
    style
        .with_key("done", |bar: &ProgressState, out: &mut dyn Write| count(out, bar.pos()))
        .with_key("all", |bar: &ProgressState, out: &mut dyn Write| count(out, bar.len().unwrap_or(0)))
        .with_key("rate", |bar: &ProgressState, out: &mut dyn Write| count(out, bar.per_sec() as u64))
}

fn count(out: &mut dyn Write, count: u64) {
    // The bar is drawn anew in a moment; what cannot be written is not missed.
    let _ = out.write_str(&grouped(count as usize));
}

/// The flag that Ctrl-C sets from now on; a second Ctrl-C ends the process.
pub fn interruption() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let flag = FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let set = flag.clone();
        // Without a handler Ctrl-C ends the process, as it would anyway.
        let _ = ctrlc::set_handler(move || {
            if set.swap(true, Ordering::SeqCst) {
                std::process::exit(Outcome::Interrupted as i32);
            }
        });
        flag
    });
    flag.clone()
}
