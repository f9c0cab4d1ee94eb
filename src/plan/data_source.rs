//! Data sources: read while planning when everything they ask for is known, otherwise during apply.

use serde_json::Value as Json;

use super::{
    Action, Reason,
    live::{Lookup, Want},
    refresh, timeouts,
    walk::{Item, Walker},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Severity, Value},
    lang::{Each, blueprint::Resource, deps, refer},
    schema::{Fetch, ResourceType, Target},
};

impl<'a> Walker<'a, '_> {
    /// A data source. One that stands in a `check` block is read again when the plan is applied, and what is wrong with it is
    /// only a warning.
    pub(super) fn data(
        &mut self, resource: &'a Resource, ty: &'static ResourceType, address: Address, each: Each, wants: &mut Vec<Want>, diags: &mut Diagnostics,
    ) -> Item<'a> {
        if !self.is_in_check(&address) {
            return self.source(resource, ty, address, each, wants, diags);
        }
        let mut found = Diagnostics::default();
        let mut item = self.source(resource, ty, address, each, wants, &mut found);
        for mut diagnostic in found {
            diagnostic.severity = Severity::Warning;
            diags.push(diagnostic);
        }
        if item.action == Action::NoOp {
            item.action = Action::Read;
            item.reason = Some(Reason::ReadCheckNested);
        }
        item
    }

    fn is_in_check(&self, address: &Address) -> bool {
        let (names, key) = super::walk::block_of(address);
        let module = super::provider::module_at(self.setup.blueprint, &names);
        module.is_some_and(|m| m.checks.values().any(|check| check.data.as_ref() == Some(&key)))
    }

    fn source(
        &mut self, resource: &'a Resource, ty: &'static ResourceType, address: Address, each: Each, wants: &mut Vec<Want>, diags: &mut Diagnostics,
    ) -> Item<'a> {
        let names = address.module().names();
        let ctx = self.context(&names, Some(resource), &address);
        let config = self.eval.decode(address.module(), &timeouts::without(&resource.body), &ty.shape, &each, diags);
        self.validated(resource, ty, &address, &config, diags);
        let stored = self.state.resources.get(&address).and_then(|i| refresh::stored(ty, i));
        let planned = ty.planned(&config, None, &ctx);
        let mut item = Item {
            resource: Some(resource),
            timeouts: timeouts::read(&self.eval, address.module(), &resource.body, &each, ty.timeouts, diags),
            ty,
            refs: self.eval.direct(address.module(), resource, &each),
            each: each.clone(),
            stored,
            config: config.clone(),
            prior: None,
            after: Some(planned.clone()),
            action: Action::Read,
            reason: None,
            changed: Vec::new(),
            replace_paths: Vec::new(),
            because: Vec::new(),
            previous: None,
            importing: None,
            deposed: None,
            create_before_destroy: false,
            judged: self.judged(resource, &address, &each, diags),
            ctx,
            address,
        };
        if !config.is_wholly_known() {
            item.reason = Some(Reason::ReadConfigUnknown);
        } else if self.waits(resource, &item.address) {
            item.reason = Some(Reason::ReadDependencyPending);
        } else if let Some(value) = self.read(&item, &planned, wants, diags) {
            item.action = Action::NoOp;
            item.prior = Some(value.clone());
            item.after = Some(value);
        }
        self.judge_after(&mut item, diags);
        item
    }

    /// Whether something that `depends_on` names is going to change first.
    fn waits(&self, resource: &Resource, address: &Address) -> bool {
        let names = address.module().names();
        let named: Vec<_> = resource.depends_on.iter().flat_map(deps::references).filter_map(|r| refer::resolve(&names, &r)).collect();
        self.decided.iter().any(|(decided, action)| {
            let block = super::walk::block_of(decided);
            !matches!(action, Action::NoOp | Action::Forget) && named.iter().any(|node| refer::covers(node, &block.0, &block.1))
        })
    }

    fn read(&self, item: &Item<'a>, planned: &Value, wants: &mut Vec<Want>, diags: &mut Diagnostics) -> Option<Value> {
        let api = item.ty.api_version.clone();
        let found = match item.ty.fetch(planned, &item.ctx)? {
            Fetch::Context => return Some(item.ty.read("", &Json::Null, Some(planned), &item.ctx)),
            Fetch::Local => return self.ask_outside(Lookup::Data, &item.address, planned, wants, diags)?.map(|v| refresh::keep_marks(v, planned)),
            Fetch::Get { id } => match item.ty.target(planned, &item.ctx) {
                Some(target) => refresh::observed(item.ty, &target, Some(planned), &item.ctx, self.live, wants)?,
                None => {
                    diags.push(absent(item, id.as_str()));
                    return None;
                }
            },
            Fetch::List { url } => {
                let want = Want::List { path: url.clone(), api };
                let Some(answer) = self.live.get(&want) else {
                    wants.push(want);
                    return None;
                };
                let items = answer.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
                item.ty.select(planned, items).map(|body| {
                    let id = body.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
                    item.ty.read(&id, &body, Some(planned), &item.ctx)
                })
            }
        };
        if found.is_none() {
            let asked = planned.get("name").and_then(Value::as_str).unwrap_or("what it asks for").to_owned();
            let id = item.ty.target(planned, &item.ctx).and_then(|t| if let Target::Own { id } = t { Some(id.to_string()) } else { None });
            diags.push(absent(item, &id.unwrap_or(asked)));
        }
        found
    }
}

fn absent(item: &Item, id: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::error("data-not-found", "Data source found nothing", format!("{} asks for {id}, which does not exist.", item.address));
    diagnostic.span = item.resource.map(|r| r.span);
    diagnostic.on(&item.address)
}
