//! Groups with the items in them, for formats that nest text.

use super::scene::Scene;

/// A part of a scene as nested text has it.
pub enum Nested {
    /// A group begins.
    Open(usize),
    Close,
    Item(usize),
}

/// Walks a scene's groups with the items in them; the number is how deep it is.
pub fn outline(scene: &Scene, out: &mut String, write: &mut dyn FnMut(Nested, usize, &mut String)) {
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); scene.groups.len() + 1];
    let mut items: Vec<Vec<usize>> = groups.clone();
    let slot = |group: Option<usize>| group.map_or(0, |group| group + 1);
    for (at, group) in scene.groups.iter().enumerate() {
        groups[slot(group.parent)].push(at);
    }
    for (at, item) in scene.items.iter().enumerate() {
        items[slot(item.group)].push(at);
    }
    items[0].iter().for_each(|&at| write(Nested::Item(at), 0, out));
    let mut open: Vec<usize> = Vec::new();
    let mut next: Vec<std::vec::IntoIter<usize>> = vec![std::mem::take(&mut groups[0]).into_iter()];
    while let Some(siblings) = next.last_mut() {
        match siblings.next() {
            Some(group) => {
                write(Nested::Open(group), open.len(), out);
                open.push(group);
                items[group + 1].iter().for_each(|&at| write(Nested::Item(at), open.len(), out));
                next.push(std::mem::take(&mut groups[group + 1]).into_iter());
            }
            None => {
                next.pop();
                if open.pop().is_some() {
                    write(Nested::Close, open.len(), out);
                }
            }
        }
    }
}
