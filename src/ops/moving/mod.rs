//! Elements in other places: shapes, parts, joins.

pub mod broadcast_to;
pub mod concat;
pub mod diagonal;
pub mod flatten;
pub mod flip;
pub mod identity;
pub mod pad;
pub mod repeat_interleave;
pub mod reshape;
pub mod roll;
pub mod slice;
pub mod squeeze;
pub mod stack;
pub mod tile;
pub mod transpose;
pub mod tril;
pub mod triu;
pub mod unsqueeze;
