//! The schema files, compiled in, each parsed on first use.

use std::sync::{LazyLock, OnceLock};

use super::{
    declare::{Major, ResourceType},
    parse,
};
use crate::base::Mode;

/// One file: the type it declares, and its text.
struct File {
    kind: &'static str,
    mode: Mode,
    text: &'static str,
}

/// What a file declares for either major, once that was asked for.
#[derive(Default)]
struct Parsed {
    v4: OnceLock<Option<Box<ResourceType>>>,
    v5: OnceLock<Option<Box<ResourceType>>>,
}

static PARSED: LazyLock<Vec<Parsed>> = LazyLock::new(|| FILES.iter().map(|_| Parsed::default()).collect());

macro_rules! files {
    ($($dir:literal $mode:ident : $($kind:literal)*;)*) => {
        &[$($(File {
            kind: $kind,
            mode: Mode::$mode,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $dir, "/", $kind, ".hcl")),
        },)*)*]
    };
}

/// Every file of `schemas/`, by folder; a test holds the list and the folders together.
static FILES: &[File] = files! {
    "resource" Managed:
        "azurerm_network_security_group"
        "azurerm_network_security_rule"
        "azurerm_resource_group"
        "azurerm_route"
        "azurerm_route_table"
        "azurerm_subnet"
        "azurerm_subnet_nat_gateway_association"
        "azurerm_subnet_network_security_group_association"
        "azurerm_subnet_route_table_association"
        "azurerm_virtual_network"
        "azurerm_virtual_network_peering";
    "data" Data:
        "azurerm_client_config";
};

/// The declaration of a resource type or data source; `None` when there is no such type in that major.
pub fn find(mode: Mode, kind: &str, major: Major) -> Option<&'static ResourceType> {
    let at = FILES.iter().position(|f| f.mode == mode && f.kind == kind)?;
    let (file, parsed) = (FILES.get(at)?, PARSED.get(at)?);
    let cell = match major {
        Major::V4 => &parsed.v4,
        Major::V5 => &parsed.v5,
    };
    // A file that does not parse is a build mistake, which `check_all` reports in the tests.
    cell.get_or_init(|| parse::parse(file.kind, file.mode, major, file.text).ok().flatten().map(Box::new)).as_deref()
}

/// The names of all types of a mode, in order.
pub fn kinds(mode: Mode) -> Vec<&'static str> {
    FILES.iter().filter(|f| f.mode == mode).map(|f| f.kind).collect()
}

/// What is wrong with the files: one line for each that does not parse.
pub fn check_all() -> Vec<String> {
    let majors = [Major::V4, Major::V5];
    let tried = FILES.iter().flat_map(|f| majors.map(|m| (f, m, parse::parse(f.kind, f.mode, m, f.text))));
    tried.filter_map(|(f, m, result)| result.err().map(|e| format!("{} {m:?}: {e}", f.kind))).collect()
}
