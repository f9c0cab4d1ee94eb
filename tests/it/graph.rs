//! Tests of the `graph` room.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use ravelin::graph::{Graph, draw};

fn order(len: usize, edges: &[(usize, usize)], expect: Expect) {
    expect.assert_eq(&match Graph::from_edges(len, edges.iter().copied()).order() {
        Ok(order) => format!("order {order:?}"),
        Err(cycle) => format!("cycle {cycle:?}"),
    });
}

#[test]
fn orders_lowest_first_among_the_free() {
    order(4, &[(3, 0), (2, 0)], expect!["order [1, 2, 3, 0]"]);
}

#[test]
fn names_the_nodes_of_a_cycle_in_its_direction() {
    order(5, &[(0, 1), (1, 3), (3, 2), (2, 1), (3, 4)], expect!["cycle [1, 3, 2]"]);
}

#[test]
fn draws() {
    let graph = Graph::from_edges(3, [(0, 1), (0, 2), (1, 2)]);
    let labels: Vec<String> = ["group", "vnet", "subnet"].map(String::from).to_vec();
    expect![[r#"
        group
          vnet
            subnet
          subnet
    "#]]
    .assert_eq(&draw::text(&graph, &labels));
    expect![[r#"
        digraph G {
          rankdir = "RL";
          node [shape = rect, fontname = "sans-serif"];
          "group";
          "vnet";
          "subnet";
          "vnet" -> "group";
          "subnet" -> "vnet";
        }
    "#]]
    .assert_eq(&draw::dot(&graph.reduced(), &labels));
    expect![[r#"
        flowchart RL
          n0["group"]
          n1["vnet"]
          n2["subnet"]
          n1 --> n0
          n2 --> n1
    "#]]
    .assert_eq(&draw::mermaid(&graph.reduced(), &labels));
}

fn graphs() -> impl Strategy<Value = Graph> {
    (1usize..12).prop_flat_map(|n| proptest::collection::vec((0..n, 0..n), 0..30).prop_map(move |edges| Graph::from_edges(n, edges)))
}

proptest! {
    #[test]
    fn an_order_respects_every_edge_and_a_cycle_is_one(graph in graphs()) {
        match graph.order() {
            Ok(order) => {
                let place = |n| order.iter().position(|o| *o == n);
                for (a, b) in graph.edges() {
                    prop_assert!(place(a) < place(b));
                }
            }
            Err(cycle) => {
                prop_assert!(cycle.len() > 1);
                for (i, node) in cycle.iter().enumerate() {
                    prop_assert!(graph.has(*node, cycle[(i + 1) % cycle.len()]));
                }
            }
        }
    }

    #[test]
    fn reduction_keeps_reach(graph in graphs()) {
        let reduced = graph.reduced();
        for n in 0..graph.len() {
            prop_assert_eq!(graph.reach(&[n]), reduced.reach(&[n]));
        }
    }
}
