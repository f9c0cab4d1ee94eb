//! What can happen to the state, and the state as the fold of what happened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::{Address, ResourceId};

use super::model::{Instance, Mark, OutputValue, State};

/// What a request is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Create,
    Update,
    Delete,
    Read,
}

/// A request that is about to be sent; written before it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The plan's step.
    pub step: String,
    #[serde(with = "text")]
    pub address: Address,
    /// Set when it is about a deposed object rather than the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    pub action: Action,
    /// The object's ARM id, predicted when it does not exist yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ResourceId>,
    /// RFC 3339.
    pub at: String,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub enum Outcome {
    /// The object is as described.
    Ok { instance: Box<Instance> },
    /// The object does not exist any more.
    Gone,
    /// The request failed. `partial` is what exists nevertheless; without it the belief stays as it was.
    Failed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partial: Option<Box<Instance>>,
        error: String,
    },
}

/// One thing that happened in a run. Times are RFC 3339 and come from the caller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A run began on the state of this lineage and serial.
    Started {
        /// Digest of the plan that is applied.
        plan: String,
        lineage: String,
        serial: u64,
        at: String,
    },
    Intent(Intent),
    Outcome {
        step: String,
        #[serde(with = "text")]
        address: Address,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deposed: Option<String>,
        #[serde(flatten)]
        outcome: Outcome,
        at: String,
    },
    /// The current object makes room for its replacement and waits for its own destruction under `key`.
    Deposed {
        #[serde(with = "text")]
        address: Address,
        key: String,
    },
    /// A root output got a value, or none any more.
    Output {
        name: String,
        value: Option<OutputValue>,
    },
    /// An object is no longer ours, without being destroyed.
    Forgotten {
        #[serde(with = "text")]
        address: Address,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deposed: Option<String>,
    },
    Moved {
        #[serde(with = "text")]
        from: Address,
        #[serde(with = "text")]
        to: Address,
    },
    /// The run ended and the state that it led to has been written.
    Finished {
        at: String,
    },
}

/// An event with its place in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub run: String,
    pub seq: u64,
    #[serde(flatten)]
    pub event: Event,
}

/// The state after the events. Pure, and one event at a time: `fold(s, a ++ b)` is `fold(fold(s, a), b)`.
pub fn fold(state: State, events: &[Event]) -> State {
    events.iter().fold(state, apply)
}

/// The state after those entries that are not in it yet. Folding the same entries again changes nothing: the state
/// carries how far it has come.
pub fn replay(state: State, entries: &[Entry]) -> State {
    entries.iter().fold(state, |state, entry| {
        if state.journal.as_ref().is_some_and(|m| m.run == entry.run && entry.seq <= m.seq) {
            return state;
        }
        let mut state = apply(state, &entry.event);
        state.journal = Some(Mark { run: entry.run.clone(), seq: entry.seq });
        state
    })
}

/// The intents whose end is not known, oldest first: no later event says what became of the object.
pub fn pending(events: &[Event]) -> Vec<Intent> {
    let mut open: BTreeMap<(Address, Option<String>), (usize, Intent)> = BTreeMap::new();
    for (i, event) in events.iter().enumerate() {
        match event {
            Event::Intent(intent) => {
                open.insert((intent.address.clone(), intent.deposed.clone()), (i, intent.clone()));
            }
            Event::Outcome { address, deposed, .. } | Event::Forgotten { address, deposed } => {
                open.remove(&(address.clone(), deposed.clone()));
            }
            Event::Moved { from, to } => {
                if let Some((i, mut intent)) = open.remove(&(from.clone(), None)) {
                    intent.address = to.clone();
                    open.insert((to.clone(), None), (i, intent));
                }
            }
            Event::Started { .. } | Event::Deposed { .. } | Event::Output { .. } | Event::Finished { .. } => {}
        }
    }
    let mut found: Vec<(usize, Intent)> = open.into_values().collect();
    found.sort_by_key(|(i, _)| *i);
    found.into_iter().map(|(_, intent)| intent).collect()
}

fn apply(mut state: State, event: &Event) -> State {
    match event {
        Event::Started { .. } | Event::Intent(_) | Event::Finished { .. } => {}
        Event::Outcome { address, deposed, outcome, .. } => match outcome {
            Outcome::Ok { instance } | Outcome::Failed { partial: Some(instance), .. } => put(&mut state, address, deposed.as_deref(), (**instance).clone()),
            Outcome::Failed { partial: None, .. } => {}
            Outcome::Gone => {
                take(&mut state, address, deposed.as_deref());
            }
        },
        Event::Deposed { address, key } => {
            if let Some(instance) = take(&mut state, address, None) {
                put(&mut state, address, Some(key), instance);
            }
        }
        Event::Output { name, value } => match value {
            Some(value) => {
                state.outputs.insert(name.clone(), value.clone());
            }
            None => {
                state.outputs.remove(name);
            }
        },
        Event::Forgotten { address, deposed } => {
            take(&mut state, address, deposed.as_deref());
        }
        Event::Moved { from, to } => {
            if let Some(instance) = take(&mut state, from, None) {
                put(&mut state, to, None, instance);
            }
            let keys: Vec<String> = state.deposed.keys().filter(|(a, _)| a == from).map(|(_, k)| k.clone()).collect();
            for key in keys {
                if let Some(instance) = take(&mut state, from, Some(&key)) {
                    put(&mut state, to, Some(&key), instance);
                }
            }
        }
    }
    state
}

fn put(state: &mut State, address: &Address, deposed: Option<&str>, instance: Instance) {
    match deposed {
        None => state.resources.insert(address.clone(), instance),
        Some(key) => state.deposed.insert((address.clone(), key.to_owned()), instance),
    };
}

fn take(state: &mut State, address: &Address, deposed: Option<&str>) -> Option<Instance> {
    match deposed {
        None => state.resources.remove(address),
        Some(key) => state.deposed.remove(&(address.clone(), key.to_owned())),
    }
}

/// Addresses as text inside JSON.
mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::base::Address;

    pub fn serialize<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(address)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
