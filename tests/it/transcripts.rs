//! Transcripts of the command line, as a person would type it.
//!
//! `TRYCMD=overwrite cargo test --test it transcripts` writes them anew; read the difference.

#[test]
fn transcripts() {
    trycmd::TestCases::new()
        .case("tests/cli/*.trycmd")
        .case("tests/refusals/*.trycmd")
        .case("README.md")
        .case("docs/devices.md")
        .case("docs/kernels.md");
}
