//! Where the time of a run goes: by op, then by node.

use super::{
    number::{figure, grouped},
    style::Style,
};
use crate::{
    engine::{Profile, StepProfile},
    escape,
    graph::{Graph, NodeId},
    precision::Precision,
};
use comfy_table::CellAlignment;
use serde_json::{Value, json};

/// Nodes listed, the dearest first.
const LISTED: usize = 12;

/// The cost of all calls of an op.
#[derive(Default)]
struct OfOp {
    name: &'static str,
    calls: usize,
    cost: StepProfile,
}

/// Lays a profile out; every node with `all`.
pub fn profile(
    profile: &Profile,
    graph: &Graph,
    file: &str,
    dtype: Precision,
    all: bool,
    style: Style,
) -> String {
    let mut out = format!(
        "{}  {} nodes, {}, {} threads, the best of {} runs\n",
        style.bold(&escape::line(graph.title.as_deref().unwrap_or(file))),
        grouped(graph.nodes.len()),
        dtype.word(),
        rayon::current_num_threads(),
        grouped(profile.runs),
    );
    out.push_str(&format!(
        "forward {}, backward {}; step by step, with a clock between them:\n\n",
        seconds(profile.forward),
        seconds(profile.backward)
    ));
    let ops = by_op(profile, graph);
    let whole: f64 = ops.iter().map(|op| time(&op.cost)).sum();
    let rows = ops.iter().map(|op| (vec![op.name.to_string(), grouped(op.calls)], op.cost));
    out.push_str(&table(["op", "calls"], rows, whole, style));

    let nodes = by_time(profile);
    let listed = if all { nodes.len() } else { LISTED.min(nodes.len()) };
    let rows = nodes[..listed].iter().map(|&node| {
        let of = graph.node(node);
        let name = graph.value(of.outputs[0]).name.to_string();
        (vec![name, of.kernel.card().name.to_string()], profile.steps[node.index()])
    });
    out.push('\n');
    out.push_str(&table(["node", "op"], rows, whole, style));
    if listed < nodes.len() {
        let left_out = format!("and {} more nodes: --all shows them\n", grouped(nodes.len() - listed));
        out.push_str(&style.faint(&left_out));
    }
    out
}

/// The profile for programs; times in seconds, every node that runs.
pub fn profile_object(profile: &Profile, graph: &Graph, file: &str, dtype: Precision) -> Value {
    let cost = |cost: &StepProfile| {
        json!({
            "forward": { "seconds": cost.forward, "bytes": cost.forward_bytes, "flops": cost.forward_flops },
            "backward": { "seconds": cost.backward, "bytes": cost.backward_bytes, "flops": cost.backward_flops },
        })
    };
    let ops = by_op(profile, graph);
    let ops = ops.iter().map(|op| json!({ "op": op.name, "calls": op.calls, "cost": cost(&op.cost) }));
    let nodes = by_time(profile).into_iter().map(|node| {
        let of = graph.node(node);
        json!({
            "name": &*graph.value(of.outputs[0]).name,
            "op": of.kernel.card().name,
            "cost": cost(&profile.steps[node.index()]),
        })
    });
    json!({
        "file": file,
        "dtype": dtype.word(),
        "threads": rayon::current_num_threads(),
        "runs": profile.runs,
        "forward_seconds": profile.forward,
        "backward_seconds": profile.backward,
        "ops": ops.collect::<Vec<_>>(),
        "nodes": nodes.collect::<Vec<_>>(),
    })
}

fn time(cost: &StepProfile) -> f64 {
    cost.forward + cost.backward
}

fn by_op(profile: &Profile, graph: &Graph) -> Vec<OfOp> {
    let mut ops: Vec<OfOp> = Vec::new();
    for (node, cost) in graph.nodes.iter().zip(&profile.steps) {
        let name = node.kernel.card().name;
        let at = ops.iter().position(|op| op.name == name).unwrap_or_else(|| {
            ops.push(OfOp { name, ..OfOp::default() });
            ops.len() - 1
        });
        let op = &mut ops[at];
        op.calls += 1;
        op.cost.forward += cost.forward;
        op.cost.backward += cost.backward;
        op.cost.forward_bytes += cost.forward_bytes;
        op.cost.backward_bytes += cost.backward_bytes;
        op.cost.forward_flops += cost.forward_flops;
        op.cost.backward_flops += cost.backward_flops;
    }
    ops.sort_by(|a, b| time(&b.cost).total_cmp(&time(&a.cost)).then(a.name.cmp(b.name)));
    ops
}

/// The nodes, the dearest first.
fn by_time(profile: &Profile) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = (0..profile.steps.len() as u32).map(NodeId).collect();
    let time = |node: &NodeId| time(&profile.steps[node.index()]);
    nodes.sort_by(|a, b| time(b).total_cmp(&time(a)));
    nodes
}

fn table(
    names: [&str; 2],
    rows: impl Iterator<Item = (Vec<String>, StepProfile)>,
    whole: f64,
    style: Style,
) -> String {
    let titles = ["forward", "backward", "share", "bytes", "flops", "flop/s"];
    let mut table = style.table(names.into_iter().chain(titles));
    for (mut row, cost) in rows {
        let flops = cost.forward_flops + cost.backward_flops;
        row.push(seconds(cost.forward));
        row.push(seconds(cost.backward));
        row.push(format!("{:.1} %", 100.0 * time(&cost) / whole.max(f64::MIN_POSITIVE)));
        row.push(scaled((cost.forward_bytes + cost.backward_bytes) as f64, "B"));
        row.push(scaled(flops as f64, ""));
        row.push(match time(&cost) > 0.0 && flops > 0 {
            true => scaled(flops as f64 / time(&cost), ""),
            false => String::new(),
        });
        table.add_row(row);
    }
    for column in 1 + usize::from(names[1] == "op")..2 + titles.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    style.laid_out(&table)
}

/// A time in the unit that suits it: `2.1 ms`, `340 ns`.
fn seconds(time: f64) -> String {
    let (unit, size) = match time {
        t if t >= 1.0 => ("s", 1.0),
        t if t >= 1e-3 => ("ms", 1e3),
        t if t >= 1e-6 => ("µs", 1e6),
        _ => ("ns", 1e9),
    };
    format!("{} {unit}", figure(time * size))
}

/// A count in the unit that suits it: `1.2 M`, `340`.
fn scaled(count: f64, of: &str) -> String {
    let (unit, size) = match count {
        c if c >= 1e9 => ("G", 1e9),
        c if c >= 1e6 => ("M", 1e6),
        c if c >= 1e3 => ("k", 1e3),
        _ => ("", 1.0),
    };
    format!("{} {unit}{of}", figure(count / size)).trim_end().to_string()
}
