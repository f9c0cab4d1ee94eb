//! What a schema file declares, as data: the type, its lens, its home in ARM, and the rules that go with its attributes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{overlay::Rules, place::JsonPath, template::Template, transform::Transform};
use crate::base::{Mode, Shape, Value};

/// The azurerm major whose attribute shapes are meant; `required_providers` picks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Major {
    V4,
    V5,
}

/// Who asks and for which instance: what ids and names are computed from beside the attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    pub subscription: String,
    pub tenant: String,
    /// The signed-in application, when there is one.
    pub client: Option<String>,
    /// The signed-in principal's object id.
    pub object: Option<String>,
    /// The resource instance's address: names that must be unique but stable (a role assignment's GUID) derive from it.
    pub seed: String,
}

/// How long each operation may take, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    pub create: u64,
    pub read: u64,
    pub update: u64,
    pub delete: u64,
}

/// A resource type or data source, as one of the files in `schemas/` declares it for one azurerm major.
#[derive(Clone, Debug)]
pub struct ResourceType {
    /// `azurerm_subnet`.
    pub kind: String,
    pub mode: Mode,
    pub major: Major,
    /// azurerm's version of the attribute shape, as the state file records it.
    pub schema_version: u64,
    pub shape: Shape,
    /// The ARM type, `Microsoft.Network/virtualNetworks/subnets`; empty when there is no ARM object.
    pub arm_type: String,
    pub api_version: String,
    /// The provider that the type belongs to, in full: `registry.terraform.io/hashicorp/azurerm`.
    pub provider: String,
    /// A refresh has to look at the world outside (a file, the clock); only for types whose home is local.
    pub looks_outside: bool,
    pub timeouts: Timeouts,
    pub(crate) lens: Lens,
    pub(crate) home: Home,
    /// Terraform's id, where it differs from the ARM id.
    pub(crate) terraform_id: Option<Template>,
    /// Members that are always sent with the same value.
    pub(crate) consts: Vec<(JsonPath, Json)>,
    /// Ids of what else a write touches, so that writes to it queue up.
    pub(crate) locks: Vec<Template>,
    pub(crate) extras: Vec<ExtraSpec>,
    pub(crate) transform: Option<Transform>,
    /// Further groups of paths of which exactly one (or at least one) must be set are found at the attributes.
    pub(crate) rules: Rules,
}

/// Where a type lives in ARM.
#[derive(Clone, Debug)]
pub(crate) enum Home {
    Own {
        id: Template,
    },
    Part {
        owner: Template,
        owner_api: String,
        at: Vec<PartStep>,
        id: Template,
    },
    Action {
        get: Template,
        cancel: Template,
        accept: Json,
        id: Template,
    },
    /// A data source that picks from a collection.
    List {
        url: Template,
        pick: Vec<Pick>,
        id: Option<Template>,
    },
    Context,
    /// No ARM object: what it is and does is computed by the room `builtin`.
    Local,
}

/// An item of a collection is asked for when this place holds the attribute's value, if that is set.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    pub at: JsonPath,
    /// Of an id, the segment after this one.
    pub segment: Option<String>,
    pub attribute: String,
}

#[derive(Clone, Debug)]
pub(crate) enum PartStep {
    Member(String),
    Element { key: String, value: Template },
}

/// A further request whose answer the attributes need.
#[derive(Clone, Debug)]
pub(crate) struct ExtraSpec {
    /// Below the resource's id; also the name under which the answer is handed to `read`.
    pub suffix: String,
    pub api: String,
    pub post: bool,
}

/// A block's lens: per attribute and per nested block, how it meets the body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lens {
    pub fields: BTreeMap<String, Field>,
    pub groups: BTreeMap<String, Group>,
}

/// How one attribute meets the body, and the rules that go with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Field {
    pub at: Option<JsonPath>,
    /// Where else a response may hold it; never written.
    pub also: Vec<JsonPath>,
    pub codec: Codec,
    pub same: Sameness,
    /// Never part of a response.
    pub secret: bool,
    /// The value when the response lacks the member, where it is not the default.
    pub absent: Option<Value>,
    /// The platform's own value for an unset attribute: reads as unset.
    pub filled: Vec<Value>,
    /// Whatever the platform answers for an unset attribute reads as unset.
    pub quiet: bool,
    /// Never part of a request, though the configuration may set it.
    pub response_only: bool,
    /// Not modelled: setting it is refused.
    pub unsupported: bool,
    /// Values that are not sent: what the platform does anyhow.
    pub omit: Vec<Value>,
    /// Members that a true value (or any value that is not a boolean) also sets.
    pub implies: Vec<(JsonPath, Json)>,
    /// What to send while the platform's choice is open: the first that can be filled.
    pub sent_as: Vec<Template>,
    pub predict: Option<Template>,
    /// Longer predictions are not made: the platform would cut them.
    pub predict_max: Option<usize>,
    /// A computed value that a change of one of these makes unknown again.
    pub changes_with: Vec<String>,
    pub replace_unless: Vec<Transition>,
    pub replace_if: Vec<Transition>,
    pub because: Option<String>,
    pub checks: Checks,
}

/// A nested block's place and rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub at: Option<JsonPath>,
    /// An array in the body (a place that ends in `[]`), not one object.
    pub many: bool,
    /// The attribute that tells elements apart.
    pub key: Option<String>,
    pub consts: Vec<(JsonPath, Json)>,
    /// Only elements whose consts agree are this block's.
    pub filter: bool,
    /// The member that says whether the block is switched on.
    pub switch: Option<String>,
    /// Whatever the platform answers for a block that nobody wrote reads as absent.
    pub quiet: bool,
    /// Lives in a child resource of its own, below this suffix.
    pub child: Option<String>,
    /// Objects with this member of this value are not this block's.
    pub unless: Option<(String, String)>,
    /// A named change of form between the declared places and the body.
    pub transform: Option<Transform>,
    /// A block that the platform fills and that a change of one of these makes unknown again.
    pub changes_with: Vec<String>,
    pub checks: Checks,
    pub lens: Lens,
}

/// Value rules beyond the type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checks {
    pub range: Option<(f64, f64)>,
    pub whole: bool,
    pub min_items: Option<usize>,
    pub max_items: Option<usize>,
    pub pattern: Option<(regex::Regex, String)>,
    /// Allowed values of a list's or set's elements.
    pub items_one_of: Vec<String>,
    pub conflicts_with: Vec<String>,
    pub exactly_one_of: Vec<String>,
    pub at_least_one_of: Vec<String>,
    pub required_with: Vec<String>,
}

/// How a value is written in JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Codec {
    #[default]
    Plain,
    /// A boolean, negated.
    Not,
    /// A boolean as two words.
    Words(String, String),
    /// A closed set of values, each with its JSON form; the first that fits wins.
    Table(Vec<(Value, Json)>),
    /// A number or boolean as text.
    Text,
    /// A set of strings as the keys of an object.
    Keys,
    /// A map as an array of objects with these two members.
    Pairs(String, String),
    /// An Azure region, without spaces and in lower case.
    Location,
    /// A name that the body holds as an id; the template's `{}` stands for the name.
    Ref(Template),
    /// Text in base64.
    Base64,
    /// JSON as text.
    JsonText,
    /// The last segment of an id.
    LastSegment,
    /// A role's name as the id of its definition.
    RoleName,
    /// A kubeconfig document, of which azurerm's attributes are taken.
    KubeConfig,
    /// A URL's host name.
    Host,
    /// The name of an edge zone.
    EdgeZone,
    /// Ids of network interfaces, of which the first is the primary one.
    PrimaryFirst,
    /// Ids of private DNS zones as the configurations of a zone group.
    ZoneConfigs,
    /// The segment of an id after this one.
    Segment(String),
    /// A network's peerings as a map from name to the remote network's id.
    Peerings,
    /// A network's peerings as the remote networks' prefixes.
    PeeringAddresses,
    /// A set of words as one comma-separated text.
    Joined,
}

/// When two values of an attribute mean the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sameness {
    #[default]
    Exact,
    NoCase,
    Location,
    /// Prefixes by what they cover: order, IPv6 spelling and case aside.
    Cidr,
    /// A list whose order means nothing.
    AnyOrder,
    /// Ids by their last segment.
    LastSegment,
    /// Never different: not returned, or only an instruction.
    Always,
    /// Exactly, where unset is not zero, and where the type is free also of the same type: what providers without ARM mean.
    Strict,
}

/// A change of value, `azure -> cilium`: `*` is anything, nothing is unset, `wider` is a prefix that covers the old one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transition {
    pub from: String,
    pub to: String,
    /// Another attribute of the same block that must then have this value.
    pub when: Option<(String, String)>,
}
