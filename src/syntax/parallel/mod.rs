//! Large files, read by all threads: only how reading is shared out, never what a
//! text means. Small files take the same route in one piece.

mod chunks;
pub(super) mod statements;
pub(super) mod toml_lines;

pub(super) use chunks::in_chunks;
