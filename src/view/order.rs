//! The order of reading: from the outputs back, inputs in the order of the call.

use super::scene::Scene;

/// Items and edges as a person would list them from top to bottom.
pub struct Order {
    pub items: Vec<usize>,
    pub edges: Vec<usize>,
}

impl Order {
    pub fn of(scene: &Scene) -> Self {
        let mut arriving: Vec<Vec<usize>> = vec![Vec::new(); scene.items.len()];
        let mut leaves = vec![false; scene.items.len()];
        for (at, edge) in scene.edges.iter().enumerate() {
            arriving[edge.to].push(at);
            leaves[edge.from] = true;
        }
        arriving.iter_mut().for_each(|edges| edges.sort_by_key(|&at| scene.edges[at].input));
        let mut order = Self { items: Vec::new(), edges: Vec::new() };
        let mut seen = vec![false; scene.items.len()];
        for end in (0..scene.items.len()).filter(|&at| !leaves[at]) {
            // An item follows all that flows into it; the second number counts how many
            // of its edges have been walked.
            let mut path = vec![(end, 0)];
            seen[end] = true;
            while let Some((item, walked)) = path.last_mut() {
                let Some(&edge) = arriving[*item].get(*walked) else {
                    order.items.push(*item);
                    order.edges.extend(&arriving[*item]);
                    path.pop();
                    continue;
                };
                *walked += 1;
                let from = scene.edges[edge].from;
                if !seen[from] {
                    seen[from] = true;
                    path.push((from, 0));
                }
            }
        }
        order
    }
}
