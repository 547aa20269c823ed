//! The graphrun program; everything is in the library.

fn main() -> std::process::ExitCode {
    graphrun::cli::main()
}
