//! Networks of other blueprints: they count in every check, but what concerns only them is told where they are planned.

use super::{
    model::{Limits, Model, Origin},
    report::Report,
    settings::Settings,
};

/// What the origins of another stack's parts begin with.
const MARK: &str = "stack ";

/// Whether a part belongs to another stack.
pub fn is_elsewhere(origin: &Origin) -> bool {
    origin.address.starts_with(MARK)
}

impl Model {
    /// The networks of a model as those of another stack: without its declarations, which hold for its own plans. What it keeps
    /// for its keys is kept.
    pub fn of_stack(mut self, name: &str) -> Model {
        let mark = |origin: &mut Origin| origin.address = format!("{MARK}{name}: {}", origin.address);
        for vnet in &mut self.vnets {
            mark(&mut vnet.origin);
            vnet.subnets.iter_mut().for_each(|s| mark(&mut s.origin));
            vnet.peerings.iter_mut().for_each(|p| mark(&mut p.origin));
        }
        for cluster in &mut self.clusters {
            mark(&mut cluster.origin);
            cluster.pools.iter_mut().for_each(|p| mark(&mut p.origin));
        }
        for table in &mut self.route_tables {
            mark(&mut table.origin);
            table.routes.iter_mut().for_each(|r| mark(&mut r.origin));
        }
        self.taken.iter_mut().for_each(|t| mark(&mut t.origin));
        self.unknowns.iter_mut().for_each(|u| mark(&mut u.origin));
        let settings = Settings { kept: self.settings.kept, ..Settings::default() };
        Model { limits: Limits::default(), ranges: Vec::new(), settings, ..self }
    }
}

impl Report {
    /// The report without what concerns other stacks only.
    pub fn without_stacks(mut self) -> Report {
        let here = |origin: &Origin| !is_elsewhere(origin);
        self.findings.retain(|f| here(&f.origin) || f.related.iter().any(|(origin, _)| here(origin)));
        self.vnets.retain(|v| here(&v.origin));
        self.subnets.retain(|s| here(&s.origin));
        self.pod_cidrs.retain(|p| here(&p.origin));
        self.unknowns.retain(|u| here(&u.origin));
        self
    }
}
