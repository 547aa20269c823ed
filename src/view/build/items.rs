//! How each value, node and fold is drawn, and what there is to say of it.

use super::Builder;
use crate::{
    graph::{NodeId, Origin, ValueId},
    syntax::Role,
    tensor::Tensor,
    view::{
        label::{Label, NAME_COLUMNS, cut, full},
        owner::Owner,
        scene::{Form, Item},
    },
};

/// Columns of a literal in a picture; the tip has all of it.
const LITERAL_COLUMNS: usize = 14;

impl Builder<'_> {
    pub(super) fn item(&self, owner: Owner) -> Item {
        let (form, sign, name, note, value, mark) = match owner {
            Owner::Leaf(id) => return self.leaf(id),
            Owner::Node(id) => {
                let node = self.graph.node(id);
                let card = node.kernel.card();
                let form = if card.sign.is_some() { Form::Circle } else { Form::Box };
                let output = node.outputs[0];
                let name = self.given_name(id, output);
                (form, card.sign.unwrap_or(card.name).to_string(), name, None, output, self.marks.node(id))
            }
            Owner::Block(id) => {
                let block = &self.graph.blocks[id.index()];
                let name = (block.name != block.of).then(|| cut(&block.name, NAME_COLUMNS));
                let note = block.backward.is_some().then(|| "backward by hand".to_string());
                (Form::Fold, cut(&block.of, NAME_COLUMNS), name, note, block.output(), self.marks.block(id))
            }
            Owner::Statement(id) => {
                let output = self.graph.node(id).outputs[0];
                let note = Some("folded".to_string());
                (Form::Fold, self.short_name(output), None, note, output, self.marks.node(id))
            }
        };
        let key = self.graph.value(value).name.to_string();
        Item {
            form,
            key,
            sign,
            name,
            note,
            total: None,
            literal: None,
            tip: self.tip(owner, value),
            group: None,
            mark,
            value,
        }
    }

    /// The name that the file gives a node, within its block.
    fn given_name(&self, id: NodeId, output: ValueId) -> Option<String> {
        let node = self.graph.node(id);
        let name = &*self.graph.value(output).name;
        if node.named {
            return Some(cut(name, NAME_COLUMNS));
        }
        if self.of_blocks.contains(&output) {
            return None;
        }
        let local = name.rsplit_once('.').map_or(name, |(_, local)| local);
        let derived = local.strip_prefix(node.kernel.card().name);
        let derived = derived.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()));
        (!derived).then(|| cut(local, NAME_COLUMNS))
    }

    pub(super) fn short_name(&self, id: ValueId) -> String {
        cut(&self.graph.value(id).name, NAME_COLUMNS)
    }

    pub(super) fn leaf(&self, id: ValueId) -> Item {
        let value = self.graph.value(id);
        let form = match value.origin {
            Origin::Leaf { role: Role::Param, .. } => Form::Param,
            Origin::Leaf { role: Role::Const, .. } => Form::Const,
            _ => Form::Input,
        };
        Item {
            form,
            key: value.name.to_string(),
            sign: self.short_name(id),
            name: None,
            note: (!value.ty.shape.is_scalar()).then(|| value.ty.to_string()),
            total: None,
            literal: None,
            tip: self.tip(Owner::Leaf(id), id),
            group: None,
            mark: self.marks.leaf(id),
            value: id,
        }
    }

    /// A literal, for one of its uses.
    pub(super) fn literal(&self, id: ValueId, key: String, group: Option<usize>) -> Item {
        let tensor = self.run.value_of(id);
        let (scalar, label) = (tensor.shape().is_scalar(), Label::of(&tensor));
        Item {
            form: Form::Literal,
            key,
            sign: match scalar {
                true => cut(&self.graph.value(id).name, LITERAL_COLUMNS),
                false => label.text.clone(),
            },
            name: None,
            note: (!label.bars.is_empty()).then(|| tensor.ty().to_string()),
            total: None,
            literal: (!label.rows.is_empty()).then_some(label),
            tip: full(&tensor),
            group,
            mark: None,
            value: id,
        }
    }

    pub(super) fn tip(&self, owner: Owner, id: ValueId) -> String {
        let value = self.graph.value(id);
        let mut lines = vec![match value.ty.shape.is_scalar() {
            true => value.name.to_string(),
            false => format!("{}: {}", value.name, value.ty),
        }];
        match owner {
            Owner::Node(node) => {
                let card = self.graph.node(node).kernel.card();
                lines.push(format!("{}: {}", card.name, card.forward));
                lines
                    .extend(card.backward.iter().map(|(to, formula)| format!("gradient of {to}: {formula}")));
            }
            Owner::Block(block) => {
                let nodes = self.graph.blocks[block.index()].nodes.len();
                lines.push(format!("block {}, {nodes} nodes", self.graph.blocks[block.index()].of));
            }
            Owner::Leaf(_) | Owner::Statement(_) => {}
        }
        lines.push(format!("value: {}", full(&self.run.value_of(id))));
        let shown = self.flow.as_ref().is_some_and(|flow| !flow.senders(id).is_empty());
        let gradient = self.run.gradient_of(id).filter(|_| shown);
        let gradient = gradient.and_then(|g| Tensor::float(&value.ty.shape, g.to_vec()));
        lines.extend(gradient.map(|gradient| format!("gradient: {}", full(&gradient))));
        lines.extend(self.marks.kept.tip(id, shown));
        lines.join("\n")
    }
}
