//! The graphrun program; everything is in the library.

/// A large graph is millions of small pieces, which this allocator hands out faster.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    graphrun::cli::main()
}
