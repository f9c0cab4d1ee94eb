//! The plan as data: what will be done, in which order, why, and what is blocked. Pure and serialisable; `apply` obeys it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::{Address, Path, ResourceId, Span, Value, diag::Severity};
use crate::state::Intent;

/// Index into [`Plan::steps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepId(pub usize);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanMode {
    #[default]
    Normal,
    Destroy,
    RefreshOnly,
}

/// Everything that apply needs and that a reader wants to know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    pub mode: PlanMode,
    /// One entry per resource instance, `NoOp` included, sorted by address, then deposed key.
    pub changes: Vec<Change>,
    /// What was found changed outside: state against live.
    pub drift: Vec<Change>,
    pub steps: Vec<Step>,
    /// `(a, b)`: step `a` must be done before step `b` starts.
    pub edges: Vec<(StepId, StepId)>,
    /// What the blocks depend on, for the state.
    pub needs: super::needs::BlockNeeds,
    pub outputs: BTreeMap<String, OutputChange>,
    /// Root variables, defaults included.
    pub variables: BTreeMap<String, Value>,
    /// Those that were given, before they were made to fit their types.
    #[serde(default)]
    pub given: BTreeMap<String, Value>,
    pub checks: Vec<CheckResult>,
    /// How every block that takes part is repeated: `(block's address, repetition)`.
    pub blocks: Vec<(Address, Repetition)>,
    /// Resource instances left out by `-target`.
    pub partial: bool,
    /// ARM requests that were needed to make the plan.
    pub requests: u64,
    /// RFC 3339, given by the caller.
    pub timestamp: String,
    /// State the plan was made from; apply refuses another.
    pub lineage: String,
    pub serial: u64,
    pub workspace: String,
    /// Who planned, and in which subscription: predicted ids are made of it.
    pub identity: super::walk::Identity,
    /// The state brought up to date; apply starts from it.
    #[serde(with = "super::file::state_text")]
    pub prior: crate::state::State,
    /// What `address_plan` declares.
    #[serde(default)]
    pub declared: crate::network::Declared,
    /// The address ranges that were given out by key, those of earlier plans too; apply evaluates with the same ones.
    #[serde(default)]
    pub allocations: crate::base::Ledger,
    /// Objects that a test makes up instead of having them made.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub stood_in: BTreeSet<Address>,
}

/// How often a block stands for a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repetition {
    Single,
    Count(usize),
    Keys(Vec<String>),
}

/// What happens to one resource instance (or to one deposed object of it).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    pub address: Address,
    /// Where it was, when it moved.
    pub previous: Option<Address>,
    /// Key of the deposed object that this is about.
    pub deposed: Option<String>,
    pub action: Action,
    pub reason: Option<Reason>,
    /// `None` where it does not exist (yet, any more).
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// Attribute paths that force the replacement, each with its reason in words.
    pub replace_paths: Vec<(Path, String)>,
    /// The id it is imported from.
    pub importing: Option<String>,
    /// Its ARM id (or id within its owner), where known or predicted.
    pub id: Option<String>,
    pub provider: String,
    pub schema_version: u64,
    /// Where the block that declares it stands; none when it left the configuration.
    pub declared: Option<Span>,
    /// What in the blueprint, the state or Azure causes it.
    pub because: Vec<Because>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    NoOp,
    Read,
    Create,
    Update,
    /// Delete, then create.
    Replace,
    /// Create, then delete the old one.
    ReplaceCreateFirst,
    Delete,
    /// Leaves the state, stays in Azure.
    Forget,
}

impl Action {
    pub fn is_replace(self) -> bool {
        matches!(self, Action::Replace | Action::ReplaceCreateFirst)
    }

    pub fn creates(self) -> bool {
        self == Action::Create || self.is_replace()
    }

    pub fn deletes(self) -> bool {
        self == Action::Delete || self.is_replace()
    }
}

/// Terraform's `action_reason`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    CannotUpdate,
    Tainted,
    ByRequest,
    ByTriggers,
    NoResourceConfig,
    WrongRepetition,
    CountIndex,
    EachKey,
    NoModule,
    NoMoveTarget,
    ReadConfigUnknown,
    ReadDependencyPending,
    ReadCheckNested,
}

impl Reason {
    /// The word used in plan JSON.
    pub fn word(self) -> &'static str {
        match self {
            Reason::CannotUpdate => "replace_because_cannot_update",
            Reason::Tainted => "replace_because_tainted",
            Reason::ByRequest => "replace_by_request",
            Reason::ByTriggers => "replace_by_triggers",
            Reason::NoResourceConfig => "delete_because_no_resource_config",
            Reason::WrongRepetition => "delete_because_wrong_repetition",
            Reason::CountIndex => "delete_because_count_index",
            Reason::EachKey => "delete_because_each_key",
            Reason::NoModule => "delete_because_no_module",
            Reason::NoMoveTarget => "delete_because_no_move_target",
            Reason::ReadConfigUnknown => "read_because_config_unknown",
            Reason::ReadDependencyPending => "read_because_dependency_pending",
            Reason::ReadCheckNested => "read_because_check_nested",
        }
    }
}

/// One cause of a change: an attribute, and the chain of places that its new value comes from, outermost last
/// (the attribute in the module, the module's input, the variable's value).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Because {
    pub path: Path,
    pub cause: Cause,
    pub places: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cause {
    /// The configuration differs from what Azure has.
    Configuration,
    /// Azure differs from what was last applied, the configuration did not change.
    Drift,
    /// A value that it refers to will only be known after that step.
    Pending(Address),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Act {
    Create,
    Update,
    Delete,
    /// A data source whose arguments are known only during apply.
    Read,
    Forget,
    /// No work: a place where many meet before many go on.
    Join,
}

/// One unit of work. A replacement is two steps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Index into [`Plan::changes`]; `None` for a join.
    pub change: Option<usize>,
    pub act: Act,
    /// The object that a delete removes is no longer the current one (create before destroy, or deposed earlier).
    pub deposed: Option<String>,
    /// For a part of another resource (a subnet's association, a load balancer's rule): the step that creates or deletes its
    /// owner also writes or removes this one, so that this step needs no request of its own.
    pub carried_by: Option<StepId>,
    /// Resources whose writes must not run at the same time as this step's.
    pub locks: Vec<ResourceId>,
    /// Whether the object is to be replaced create-first from now on, by its own word or that of something that depends on it.
    pub create_before_destroy: bool,
    /// Seconds until the operation is given up.
    pub timeout: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OutputChange {
    pub before: Option<Value>,
    /// `None` when the configuration does not declare it; null when it is declared and has no value.
    pub after: Option<Value>,
    /// It was sensitive, or is to be: neither side may be shown.
    pub sensitive: bool,
    /// Whether it is declared sensitive from now on.
    pub declared_sensitive: bool,
}

impl OutputChange {
    pub fn action(&self) -> Action {
        match (&self.before, &self.after) {
            (None, None) => Action::NoOp,
            (None, Some(a)) if a.is_null() => Action::NoOp,
            (None, Some(_)) => Action::Create,
            (Some(_), None) => Action::Delete,
            (Some(b), Some(a)) if self.is_kept(b, a) => Action::NoOp,
            _ => Action::Update,
        }
    }

    fn is_kept(&self, before: &Value, after: &Value) -> bool {
        let same = before.same(after) && before.is_wholly_known() && after.is_wholly_known();
        same && (before.is_null() || before.ty() == after.ty()) && before.marks.sensitive == self.declared_sensitive
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckStatus {
    Pass,
    Fail,
    Error,
    Unknown,
}

/// The outcome of a resource's or output's conditions, of a `check` block or of a variable's validation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckResult {
    /// `resource`, `output_value`, `check`, `var`.
    pub kind: String,
    /// The instance, as Terraform displays it: `module.m[0].check.health`, `azurerm_subnet.a["x"]`, `output.o`.
    pub display: String,
    pub status: CheckStatus,
    pub problems: Vec<String>,
    pub severity: Severity,
}

impl Change {
    /// Whether an update changes nothing but which values may be shown: nobody has to be asked for that.
    pub fn only_marks(&self) -> bool {
        self.action == Action::Update
            && self.before.as_ref().zip(self.after.as_ref()).is_some_and(|(b, a)| b.is_wholly_known() && a.is_wholly_known() && b.same(a))
    }
}

impl Plan {
    /// Whether applying would change nothing at all, outputs included.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|s| s.act == Act::Join) && self.outputs.values().all(|o| o.action() == Action::NoOp) && !self.moves_or_imports()
    }

    fn moves_or_imports(&self) -> bool {
        self.changes.iter().any(|c| c.previous.is_some() || c.importing.is_some())
    }

    /// `(import, add, change, destroy)` as the summary line counts them: a replacement is an add and a destroy.
    pub fn counts(&self) -> (usize, usize, usize, usize) {
        let count = |test: &dyn Fn(&Change) -> bool| self.changes.iter().filter(|c| c.address.is_managed() && test(c)).count();
        (count(&|c| c.importing.is_some()), count(&|c| c.action.creates()), count(&|c| c.action == Action::Update), count(&|c| c.action.deletes()))
    }

    /// Of the intents that an interrupted run left open, those that this plan has not looked at; they stay open.
    pub fn unsettled(&self, pending: &[Intent]) -> Vec<Intent> {
        let looked = |intent: &&Intent| !self.partial || self.changes.iter().any(|c| c.address == intent.address);
        pending.iter().filter(|i| !looked(i)).cloned().collect()
    }

    pub fn change(&self, step: StepId) -> Option<&Change> {
        self.steps.get(step.0).and_then(|s| s.change).and_then(|c| self.changes.get(c))
    }
}
