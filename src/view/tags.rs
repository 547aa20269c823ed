//! Edges that would run past much of the picture are cut: the name of the value
//! stands once more where it is used.

use super::{
    label::{NAME_COLUMNS, cut},
    order::Order,
    scene::{Form, Item, Scene},
};

/// Columns that all edges together may pass; a layout takes time for each.
const MOST_PASSED: usize = 20_000;

impl Scene {
    /// The same scene with its longest edges cut, as far as that is needed.
    pub fn with_tags(mut self) -> Self {
        let spans = self.spans();
        let Some(longest) = longest(&spans) else { return self };
        let mut any = false;
        for (at, span) in spans.into_iter().enumerate().filter(|&(_, span)| span > longest) {
            debug_assert!(span > 1);
            let edge = &mut self.edges[at];
            let (from, user) = (&self.items[edge.from], &self.items[edge.to]);
            let tag = Item {
                form: Form::Tag,
                key: format!("{}>{}#{}", from.key, user.key, edge.input),
                sign: cut(&edge.name, NAME_COLUMNS),
                name: None,
                note: None,
                total: None,
                literal: None,
                tip: from.tip.clone(),
                group: user.group,
                mark: None,
                value: edge.value,
            };
            edge.from = self.items.len();
            self.items.push(tag);
            any = true;
        }
        if any {
            self.remarks.push("long edges are cut: a name stands where they arrive".to_string());
        }
        self
    }

    /// How many columns each edge reaches over, where every item stands as near to
    /// its users as it can. An edge of every item that is used reaches over one.
    fn spans(&self) -> Vec<usize> {
        let order = Order::of(self);
        let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); self.items.len()];
        for edge in &self.edges {
            leaving[edge.from].push(edge.to);
        }
        let mut columns = vec![0usize; self.items.len()];
        for &item in order.items.iter().rev() {
            columns[item] = leaving[item].iter().map(|&to| columns[to] + 1).max().unwrap_or(0);
        }
        self.edges.iter().map(|edge| columns[edge.from] - columns[edge.to]).collect()
    }
}

/// The longest span that may stay; `None` where all may.
fn longest(spans: &[usize]) -> Option<usize> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let all: usize = sorted.iter().sum();
    if all <= MOST_PASSED {
        return None;
    }
    // A cut edge reaches over one column still.
    let mut passed = sorted.len();
    for (at, &span) in sorted.iter().enumerate() {
        passed += span.saturating_sub(1);
        if passed > MOST_PASSED {
            return Some(sorted[at.saturating_sub(1)].min(span - 1).max(1));
        }
    }
    None
}
