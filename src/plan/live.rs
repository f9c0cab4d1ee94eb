//! What the plan asks of Azure (and of the world that built-in providers look at) and what it was told. The plan itself sends nothing: it names what it wants, the caller fetches,
//! and the plan is made again with the answers, until nothing is missing.

use std::{cmp::Ordering, collections::BTreeMap};

use serde_json::Value as Json;

use crate::{
    base::{Address, ResourceId, Value},
    builtin::{self, Outcome, Outside},
};

/// A question to Azure, or to a built-in provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// One resource by its id.
    Get { id: ResourceId, api: String },
    /// All items of a collection, by path (with its own query, without `api-version`).
    List { path: String, api: String },
    /// The answer of an action without a body that only reads (keys, credentials), by path.
    Post { path: String, api: String },
    /// What a built-in provider finds outside.
    Outside(Box<Question>),
}

/// What a built-in provider is to look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// What has become of a recorded object.
    Read,
    /// The answer of a data source.
    Data,
    /// The result of opening an ephemeral resource.
    Open,
}

/// A question to a built-in provider, on behalf of one instance.
#[derive(Clone, Debug)]
pub struct Question {
    pub lookup: Lookup,
    pub address: Address,
    /// The recorded value, or the configuration.
    pub value: Value,
    key: String,
}

impl Question {
    pub fn new(lookup: Lookup, address: &Address, value: &Value) -> Question {
        let key = format!("{lookup:?} {address} {}", serde_json::to_string(value).unwrap_or_default());
        Question { lookup, address: address.clone(), value: value.clone(), key }
    }
}

impl PartialEq for Question {
    fn eq(&self, other: &Question) -> bool {
        self.key == other.key
    }
}

impl Eq for Question {}

impl PartialOrd for Question {
    fn partial_cmp(&self, other: &Question) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Question {
    fn cmp(&self, other: &Question) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Want {
    fn key(&self) -> String {
        match self {
            Want::Get { id, .. } => id.lower(),
            Want::List { path, .. } => format!("list {}", path.to_ascii_lowercase()),
            Want::Post { path, .. } => format!("post {}", path.to_ascii_lowercase()),
            Want::Outside(question) => question.key.clone(),
        }
    }
}

/// Answers so far. A resource that is known to be absent is there as `None`.
#[derive(Clone, Debug, Default)]
pub struct Live {
    answers: BTreeMap<String, Option<Json>>,
    outside: BTreeMap<String, Outcome<Option<Value>>>,
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

    pub fn insert_outside(&mut self, question: &Question, answer: Outcome<Option<Value>>) {
        self.outside.insert(question.key.clone(), answer);
    }

    /// What a built-in provider answered; `None` when it was not asked yet, `Some(Ok(None))` when nothing is there.
    pub fn outside(&self, question: &Question) -> Option<&Outcome<Option<Value>>> {
        self.outside.get(&question.key)
    }

    pub fn len(&self) -> usize {
        self.answers.len() + self.outside.len()
    }

    pub fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.outside.is_empty()
    }
}

/// Has the built-in providers look up what is wanted of them.
pub async fn look_outside(outside: &dyn Outside, wants: &[Want], live: &mut Live) {
    for want in wants {
        let Want::Outside(question) = want else { continue };
        let (kind, value) = (question.address.kind(), &question.value);
        let answer = match question.lookup {
            Lookup::Read => builtin::read(kind, value, outside).await,
            Lookup::Data => builtin::data(kind, value, outside).await.map(Some),
            Lookup::Open => builtin::open(kind, value, outside).await.map(Some),
        };
        live.insert_outside(question, answer);
    }
}
