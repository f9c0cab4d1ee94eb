//! Which blocks each block depends on, as the state writes them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

/// Blocks by the block that depends on them directly. What lies behind them is found by following, when it is asked for:
/// written out for every block it would grow with the square of a long chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockNeeds(pub BTreeMap<String, BTreeSet<String>>);

impl BlockNeeds {
    /// Every block that a block depends on, directly or not, in order.
    pub fn all(&self, block: &str) -> Vec<String> {
        let mut seen: HashSet<&str> = HashSet::from([block]);
        let mut stack = vec![block];
        while let Some(at) = stack.pop() {
            for next in self.0.get(at).into_iter().flatten() {
                if seen.insert(next) {
                    stack.push(next);
                }
            }
        }
        seen.remove(block);
        let mut out: Vec<String> = seen.into_iter().map(str::to_owned).collect();
        out.sort_unstable();
        out
    }
}
