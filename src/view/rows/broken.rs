//! A scene in rows: a group goes on from row to row, and where an edge leaves a row or
//! comes into one stands an item that it turns at.

use super::super::{
    columns::common,
    scene::{Edge, Form, Group, Item, Scene},
};
use std::collections::BTreeMap;

/// A scene with its edges cut from row to row.
pub struct Broken {
    pub scene: Scene,
    /// The row of every item and of every group.
    pub items: Vec<usize>,
    groups: Vec<usize>,
    /// Where an edge leaves a row, and where it comes into another.
    pub turns: Vec<(usize, usize)>,
}

impl Broken {
    pub fn of(scene: &Scene, rows: &[usize]) -> Self {
        let mut broken = Self {
            scene: Scene { groups: Vec::new(), edges: Vec::new(), ..scene.clone() },
            items: rows.to_vec(),
            groups: Vec::new(),
            turns: Vec::new(),
        };
        let groups = broken.add_groups(scene);
        broken.add_edges(scene, &groups);
        broken
    }

    /// A group for every row that it has something in, by the row and what it was.
    fn add_groups(&mut self, scene: &Scene) -> BTreeMap<(usize, usize), usize> {
        let mut used = BTreeMap::new();
        for (item, &row) in scene.items.iter().zip(&self.items) {
            let mut group = item.group;
            while let Some(at) = group.filter(|&at| used.insert((row, at), 0).is_none()) {
                group = scene.groups[at].parent;
            }
        }
        let mut has_begun = vec![false; scene.groups.len()];
        for ((row, at), place) in &mut used {
            *place = self.groups.len();
            self.groups.push(*row);
            let group = &scene.groups[*at];
            let goes_on = std::mem::replace(&mut has_begun[*at], true);
            self.scene.groups.push(match goes_on {
                false => group.clone(),
                true => Group {
                    key: format!("{}>row{}", group.key, row + 1),
                    title: format!("{}, continued", group.title),
                    ..group.clone()
                },
            });
        }
        for ((row, at), &place) in &used {
            self.scene.groups[place].parent = scene.groups[*at].parent.map(|outer| used[&(*row, outer)]);
        }
        for (item, &row) in self.scene.items.iter_mut().zip(&self.items) {
            item.group = item.group.map(|group| used[&(row, group)]);
        }
        used
    }

    fn add_edges(&mut self, scene: &Scene, groups: &BTreeMap<(usize, usize), usize>) {
        let (mut leaves, mut comes) = (BTreeMap::new(), BTreeMap::new());
        for edge in &scene.edges {
            let (from, to) = (self.items[edge.from], self.items[edge.to]);
            if from == to {
                self.scene.edges.push(edge.clone());
                continue;
            }
            let around = common(scene, edge.from, edge.to);
            let leaves = *leaves.entry((edge.from, edge.value)).or_insert_with(|| {
                let leaves =
                    self.turn(edge, from, around.and_then(|group| groups.get(&(from, group)).copied()));
                let cut = Edge { to: leaves, input: 0, port: None, above: None, below: None, ..edge.clone() };
                self.scene.edges.push(cut);
                leaves
            });
            // Within the block that both ends are in, so that its frame leaves room for the label.
            let group = around.and_then(|group| groups.get(&(to, group)).copied());
            let comes = *comes.entry((edge.from, edge.value, to, group)).or_insert_with(|| {
                let comes = self.turn(edge, to, group);
                self.turns.push((leaves, comes));
                comes
            });
            self.scene.edges.push(Edge { from: comes, ..edge.clone() });
        }
    }

    fn turn(&mut self, edge: &Edge, row: usize, group: Option<usize>) -> usize {
        let from = &self.scene.items[edge.from];
        let within = group.map_or(String::new(), |group| format!("in{group}"));
        let turn = Item {
            form: Form::Turn,
            key: format!("{}>{}row{}{within}", from.key, edge.name, row + 1),
            sign: String::new(),
            name: None,
            note: None,
            total: None,
            literal: None,
            tip: edge.tip.clone(),
            group,
            mark: None,
            value: edge.value,
        };
        self.scene.items.push(turn);
        self.items.push(row);
        self.scene.items.len() - 1
    }

    /// One row as a scene of its own, and which items, edges and groups are in it.
    pub fn row(&self, row: usize) -> (Scene, [Vec<usize>; 3]) {
        let of = |rows: &[usize]| (0..rows.len()).filter(|&at| rows[at] == row).collect::<Vec<_>>();
        let (items, groups) = (of(&self.items), of(&self.groups));
        let edges = (0..self.scene.edges.len()).filter(|&at| self.items[self.scene.edges[at].from] == row);
        let edges: Vec<usize> = edges.collect();
        let at = |all: &[usize], one: usize| all.binary_search(&one).expect("in the same row");
        let scene = Scene {
            title: None,
            items: items
                .iter()
                .map(|&item| Item {
                    group: self.scene.items[item].group.map(|group| at(&groups, group)),
                    ..self.scene.items[item].clone()
                })
                .collect(),
            edges: edges
                .iter()
                .map(|&edge| {
                    let edge = &self.scene.edges[edge];
                    Edge { from: at(&items, edge.from), to: at(&items, edge.to), ..edge.clone() }
                })
                .collect(),
            groups: groups
                .iter()
                .map(|&group| Group {
                    parent: self.scene.groups[group].parent.map(|outer| at(&groups, outer)),
                    ..self.scene.groups[group].clone()
                })
                .collect(),
            remarks: Vec::new(),
        };
        (scene, [items, edges, groups])
    }
}
