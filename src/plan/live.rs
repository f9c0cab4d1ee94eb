//! What the plan asks of Azure and what it was told. The plan itself sends nothing: it names what it wants, the caller fetches,
//! and the plan is made again with the answers, until nothing is missing.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::base::ResourceId;

/// A question to Azure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// One resource by its id.
    Get { id: ResourceId, api: String },
    /// All items of a collection, by path (with its own query, without `api-version`).
    List { path: String, api: String },
    /// The answer of an action without a body that only reads (keys, credentials), by path.
    Post { path: String, api: String },
}

impl Want {
    fn key(&self) -> String {
        match self {
            Want::Get { id, .. } => id.lower(),
            Want::List { path, .. } => format!("list {}", path.to_ascii_lowercase()),
            Want::Post { path, .. } => format!("post {}", path.to_ascii_lowercase()),
        }
    }
}

/// Answers so far. A resource that is known to be absent is there as `None`.
#[derive(Clone, Debug, Default)]
pub struct Live {
    answers: BTreeMap<String, Option<Json>>,
}

impl Live {
    pub fn insert(&mut self, want: &Want, answer: Option<Json>) {
        self.answers.insert(want.key(), answer);
    }

    /// `None`: not asked yet. `Some(None)`: not there.
    pub fn get(&self, want: &Want) -> Option<Option<&Json>> {
        self.answers.get(&want.key()).map(Option::as_ref)
    }

    /// Every whole resource among the answers.
    pub fn bodies(&self) -> impl Iterator<Item = &Json> {
        self.answers.values().flatten().filter(|body| body.get("id").is_some())
    }

    pub fn len(&self) -> usize {
        self.answers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }
}
