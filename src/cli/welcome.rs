//! `graphrun` alone: what one can do with it.

use super::{Outcome, voice::results};
use anyhow::Result;
use std::io::Write;

const SCREEN: &str = "\
graphrun runs a computation graph from a text file, and checks every gradient of it.

    graphrun buy_apple.graph              every value
    graphrun buy_apple.graph --check      every gradient, held against a measured one
    graphrun explain buy_apple.graph      the chain rule, number by number
    graphrun show buy_apple.graph         a picture with values and gradients
    graphrun test graphs                  a folder of graphs as tests

graphrun --help shows a first graph file and all there is to say; graphrun ops
lists what a graph can compute.
";

pub fn run() -> Result<Outcome> {
    results().write_all(SCREEN.as_bytes())?;
    Ok(Outcome::Good)
}
