//! What stands between the brackets of `x[…]`, and the block that `scan(BLOCK, …)` runs.

use super::{Builder, Kind, Runs, Step};
use crate::{
    source::{Name, Span},
    syntax::tree::{Bound, Call, Item, Subscript, What},
};

impl Builder<'_> {
    /// The first argument of a call that runs a block is its name.
    pub(super) fn block_to_run(&mut self) {
        let Kind::Call { name, .. } = &self.frame().kind else { return };
        if !Call::RUNNERS.contains(&&*name.value) {
            return;
        }
        if let Some(Item { what: What::Name(block), span }) =
            self.items.pop_if(|item| matches!(&item.what, What::Name(path) if !path.contains('.')))
        {
            let frame = self.frame();
            frame.operands -= 1;
            frame.runs = Some(Runs { block: Name::new(block, span), named: Vec::new() });
        }
    }

    /// Ends a bound: a number as it stands, or a value of its own.
    pub(super) fn bound(&mut self) -> Step {
        let Kind::Index { colons, from, .. } = self.frame().kind else { return Ok(()) };
        let bound = match self.items[from..] {
            [Item { what: What::Int(number), .. }] => Some(number),
            [Item { what: What::Int(number), .. }, Item { what: What::Negate, .. }] => Some(-number),
            _ => None,
        };
        if bound.is_some() {
            self.items.truncate(from);
        }
        if let Kind::Index { bounds, .. } = &mut self.frame().kind {
            bounds[colons.min(2)] = Some(bound.map_or(Bound::Operand, Bound::Number));
        }
        Ok(())
    }

    /// Ends a place of an index.
    pub(super) fn place(&mut self) -> Step {
        if let Kind::Index { places, bounds, colons, .. } = &mut self.frame().kind {
            match (std::mem::take(bounds), std::mem::take(colons)) {
                ([None, None, None], 0) => {}
                ([Some(at), ..], 0) => places.push(Subscript::At(at)),
                ([start, stop, step], _) => places.push(Subscript::Range { start, stop, step }),
            }
        }
        Ok(())
    }

    /// Ends a call. The block that a runner runs is no operand.
    pub(super) fn call(&mut self, mut call: Call, runs: Option<Runs>, span: Span) {
        if let Some(Runs { block, named }) = runs {
            call.runs = Some(block);
            call.named = named;
        }
        self.push(What::Call(Box::new(call)), span);
    }
}
