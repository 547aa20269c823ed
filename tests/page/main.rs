//! The page in a real browser: every step, fold, key and number of it.
//!
//! `GRAPHRUN_BROWSER` names a Chromium; without it, one that is installed is taken.
//! Where there is none, the tests are counted as ignored, and under `CI` the run fails.

mod browser;
mod fitting;
mod folding;
mod large;
mod opened;
mod pages;
mod reading;
mod served;
mod stepping;

use browser::{Browser, Missing, find};
use libtest_mimic::{Arguments, Completion, Trial, run};
use std::{
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

type Test = fn(&Browser);

/// Each browser is some processes and hundreds of megabytes.
const AT_ONCE: usize = 2;

/// Tests with their names, as the usual harness has them.
macro_rules! tests {
    ($($module:ident: [$($test:ident),+ $(,)?])+) => {
        [$($((concat!(stringify!($module), "::", stringify!($test)), $module::$test as Test)),+),+]
    };
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(arguments.test_threads.map_or(AT_ONCE, |threads| threads.min(AT_ONCE)));
    let found = find();
    let tests = tests! {
        reading: [
            every_example_opens_without_a_fault_and_shows_the_reports_numbers,
            wrong_blocks_and_kinks_are_marked,
            hostile_names_and_texts_stay_text,
        ]
        stepping: [
            every_step_is_reached_by_key_and_says_what_explain_says,
            playing_ends_at_the_end,
            keys_and_readers_of_the_screen_reach_every_part,
            nothing_is_told_before_a_step_makes_it_known,
            a_folded_block_is_one_step_each_way,
            one_entry_is_followed_through_all_steps,
        ]
        fitting: [
            a_page_opens_whole_and_stays_so_while_it_is_stepped_through,
            a_view_that_one_chose_is_kept_and_fit_brings_back_the_whole,
            the_panel_closes_and_opens,
        ]
        folding: [
            blocks_fold_and_open_and_the_address_keeps_it,
            a_block_that_puts_out_what_a_block_inside_makes_folds_apart_from_it,
            search_finds_what_is_folded_away,
            many_nodes_start_folded,
        ]
        large: [
            every_step_of_a_large_graph_is_reached_while_only_what_is_near_is_in_the_tree,
            far_parts_of_a_large_graph_come_in_by_key_and_by_search,
            a_large_graph_is_a_sketch_from_afar,
        ]
        served: [a_served_page_reloads_itself_when_the_file_is_saved]
    };
    let trials = tests.map(|(name, test)| trial(name, test, found.clone())).into();
    let conclusion = run(&arguments, trials);
    if let (Err(Missing { reason, fails: false }), 1..) = (found, conclusion.num_ignored) {
        eprintln!("page: ignored, for {reason}");
    }
    conclusion.exit_code()
}

fn trial(name: &str, test: Test, found: Result<PathBuf, Missing>) -> Trial {
    /// Whether a test has failed for want of a browser: one is enough to say so.
    static HAS_FAILED: AtomicBool = AtomicBool::new(false);
    Trial::ignorable_test(name, move || match found {
        Ok(program) => {
            test(&Browser::start(&program));
            Ok(Completion::Completed)
        }
        Err(Missing { reason, fails: true }) if !HAS_FAILED.swap(true, Relaxed) => Err(reason.into()),
        Err(_) => Ok(Completion::ignored()),
    })
}
