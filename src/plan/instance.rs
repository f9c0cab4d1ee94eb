//! What becomes of one managed instance: nothing, create, update or replace, and why.

use super::{
    Action, Because, Cause, PlanMode, Reason, because, compare,
    live::Want,
    refresh::{self, Refreshed},
    timeouts,
    walk::{Item, Walker},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Path, PathStep, Span, Value, value::show_path},
    lang::{
        ConditionKind, Each, Judged,
        blueprint::{Ignore, Resource},
    },
    schema::{ResourceType, Target},
};

impl<'a> Walker<'a, '_> {
    /// Decodes, refreshes and decides one managed instance.
    pub(super) fn managed(
        &mut self, resource: &'a Resource, ty: &'static ResourceType, address: Address, each: Each, wants: &mut Vec<Want>, diags: &mut Diagnostics,
    ) -> Item<'a> {
        let names = address.module().names();
        let ctx = self.context(&names, Some(resource), &address);
        let config = self.eval.decode(address.module(), &timeouts::without(&resource.body), &ty.shape, &each, diags);
        self.validated(resource, ty, &address, &config, diags);
        let refresh_only = self.setup.options.mode == PlanMode::RefreshOnly;
        let judged = self.judged(resource, &address, &each, diags);
        let mut item = Item {
            resource: Some(resource),
            timeouts: timeouts::read(&self.eval, address.module(), &resource.body, &each, ty.timeouts, diags),
            ty,
            ctx,
            refs: self.eval.direct(address.module(), resource, &each),
            each,
            stored: None,
            config: config.clone(),
            prior: None,
            after: None,
            action: Action::NoOp,
            reason: None,
            changed: Vec::new(),
            replace_paths: Vec::new(),
            because: Vec::new(),
            previous: self.moved.get(&address).cloned(),
            importing: None,
            deposed: None,
            judged,
            create_before_destroy: self.flag(resource.lifecycle.create_before_destroy.as_ref(), &address, diags),
            address,
        };
        self.look(&mut item, &config, wants, diags);
        if refresh_only {
            item.after = item.prior.clone();
            return item;
        }
        self.decide(&mut item, config, diags);
        self.guard(&item, diags);
        self.judge_after(&mut item, diags);
        item
    }

    /// How the preconditions stand; nothing when the block has no conditions at all.
    pub(super) fn judged(&self, resource: &Resource, address: &Address, each: &Each, diags: &mut Diagnostics) -> Option<Judged> {
        let lifecycle = &resource.lifecycle;
        if lifecycle.preconditions.is_empty() && lifecycle.postconditions.is_empty() {
            return None;
        }
        Some(self.eval.judge(address.module(), &lifecycle.preconditions, each, ConditionKind::ResourcePrecondition, diags))
    }

    /// The postconditions, as far as the planned value tells.
    pub(super) fn judge_after(&self, item: &mut Item<'a>, diags: &mut Diagnostics) {
        let (Some(resource), Some(before), Some(after)) = (item.resource, item.judged.take(), item.after.clone()) else { return };
        let each = Each { self_value: Some(after), ..item.each.clone() };
        let kind = ConditionKind::ResourcePostcondition;
        let after = self.eval.judge(item.address.module(), &resource.lifecycle.postconditions, &each, kind, diags);
        item.judged = Some(before.and(after));
    }

    fn flag(&self, expr: Option<&crate::lang::blueprint::Expr>, address: &Address, diags: &mut Diagnostics) -> bool {
        expr.is_some_and(|e| self.eval.eval(address.module(), e, &Each::default(), diags).as_bool() == Some(true))
    }

    /// Fills in what is recorded and what is there.
    fn look(&self, item: &mut Item<'a>, config: &Value, wants: &mut Vec<Want>, diags: &mut Diagnostics) {
        if let Some(instance) = self.state.resources.get(&item.address) {
            let Some(stored) = refresh::stored(item.ty, instance) else {
                diags.push(Diagnostic::error(
                    "state-instance",
                    "Recorded values do not fit the resource type",
                    format!("The state's attributes of {} cannot be read as {}: their shape is not the one that the type has.", item.address, item.ty.kind),
                ));
                return;
            };
            item.stored = Some(stored.clone());
            item.prior = Some(stored.clone());
            if self.setup.options.refresh {
                item.prior = match self.refreshed(item.ty, &item.address, stored, &item.ctx, wants, diags) {
                    Refreshed::Unread(v) | Refreshed::Present(v) => Some(v),
                    Refreshed::Gone => None,
                };
            }
            return;
        }
        if let Some((id, span)) = self.imports.get(&item.address) {
            item.importing = Some(id.clone());
            self.look_at_import(item, id.clone(), *span, wants, diags);
            return;
        }
        if item.ty.is_local() {
            return;
        }
        if self.setup.options.refresh || self.setup.interrupted.contains_key(&item.address) {
            self.look_for_unrecorded(item, config, wants, diags);
        }
    }

    fn look_at_import(&self, item: &mut Item<'a>, id: String, span: Span, wants: &mut Vec<Want>, diags: &mut Diagnostics) {
        if item.ty.is_local() {
            return self.import_local(item, &id, span, wants, diags);
        }
        let seed = item.ty.from_id(&id);
        let target = seed.as_ref().and_then(|s| item.ty.target(s, &item.ctx));
        let (Some(seed), Some(target)) = (seed, target) else {
            let detail = format!("{id:?} is not the id of a {}.", item.ty.kind);
            diags.push(Diagnostic::error("import-id", "Invalid import id", detail).at(span).on(&item.address));
            return;
        };
        match refresh::observed(item.ty, &target, Some(&seed), &item.ctx, self.live, wants) {
            Some(Some(value)) => item.prior = Some(value),
            Some(None) => {
                let detail = format!("Azure has nothing at {id}, so {} cannot be imported from it.", item.address);
                diags.push(Diagnostic::error("import-absent", "Cannot import non-existent remote object", detail).at(span).on(&item.address));
            }
            None => item.prior = Some(seed),
        }
    }

    /// Something may already stand where this one is to be created: an interrupted creation is taken over, anything else is refused.
    fn look_for_unrecorded(&self, item: &mut Item<'a>, config: &Value, wants: &mut Vec<Want>, diags: &mut Diagnostics) {
        let planned = item.ty.planned(config, None, &item.ctx);
        let Some(target) = item.ty.target(&planned, &item.ctx) else { return };
        match refresh::observed(item.ty, &target, Some(&planned), &item.ctx, self.live, wants) {
            None | Some(None) => {}
            Some(Some(value)) => match &target {
                Target::Own { id } if !self.setup.interrupted.contains_key(&item.address) => {
                    let mut diagnostic = Diagnostic::error(
                        "already-exists",
                        "A resource with this id already exists",
                        format!("{} is to be created at {id}, but Azure already has a resource there that this state does not manage.", item.address),
                    )
                    .on(&item.address)
                    .hint(format!(
                        "To manage it from now on, import it:\n  import {{\n    to = {}\n    id = {:?}\n  }}",
                        item.address,
                        id.as_str()
                    ));
                    diagnostic.span = item.resource.map(|r| r.span);
                    diags.push(diagnostic);
                }
                _ => item.prior = Some(value),
            },
        }
    }

    fn decide(&mut self, item: &mut Item<'a>, config: Value, diags: &mut Diagnostics) {
        let Some(prior) = item.prior.clone() else {
            item.action = Action::Create;
            item.after = Some(self.planned(item, &config, None).value);
            return;
        };
        let config = ignoring(config, &prior, &item.resource.map(|r| &r.lifecycle.ignore_changes));
        let crate::builtin::Planned { value: planned, replace } = self.planned(item, &config, Some(&prior));
        item.changed = compare::changed(item.ty, &prior, &planned);
        item.replace_paths = if item.changed.is_empty() { Vec::new() } else { item.ty.replacements(&prior, &planned) };
        item.replace_paths.extend(replace);
        let tainted = self.state.resources.get(&item.address).is_some_and(|i| i.tainted);
        let owner = self.owner_goes(item, &prior);
        if stays_in_place(item, &prior, &planned) {
            item.replace_paths.clear();
        }
        item.reason = if tainted {
            Some(Reason::Tainted)
        } else if self.setup.options.replace.contains(&item.address) {
            Some(Reason::ByRequest)
        } else if !item.replace_paths.is_empty() {
            Some(Reason::CannotUpdate)
        } else if let Some((path, why)) = owner {
            item.replace_paths.push((path, why));
            Some(Reason::CannotUpdate)
        } else if self.triggered(item, diags) {
            Some(Reason::ByTriggers)
        } else {
            None
        };
        if item.reason.is_some() {
            item.action = if item.create_before_destroy { Action::ReplaceCreateFirst } else { Action::Replace };
            item.after = Some(self.planned(item, &config, None).value);
            if let Some(Target::Own { id }) = item.ty.target(&prior, &item.ctx) {
                self.recreated.insert(id, item.address.clone());
            }
        } else if item.changed.is_empty() && !compare::marks_differ(&item.ty.shape, &prior, &planned) {
            item.after = Some(prior);
        } else {
            item.action = Action::Update;
            item.after = Some(planned);
        }
        self.explain(item);
    }

    /// Whether something that `replace_triggered_by` names is going to change.
    fn triggered(&self, item: &Item<'a>, diags: &mut Diagnostics) -> bool {
        let Some(resource) = item.resource else { return false };
        resource.lifecycle.replace_triggered_by.iter().any(|expr| {
            self.eval.referred(item.address.module(), expr, &item.each, diags).into_iter().any(|(address, path)| match self.decided.get(&address) {
                Some(Action::Create) | Some(Action::Replace) | Some(Action::ReplaceCreateFirst) => true,
                Some(Action::Update) => path.is_empty() || self.path_changes(&address, &path),
                _ => false,
            })
        })
    }

    /// The resource that it lies in, or is a part of, is deleted and created again: the attribute that says where it lies, and why.
    fn owner_goes(&self, item: &Item<'a>, prior: &Value) -> Option<(Path, String)> {
        let id = match item.ty.target(prior, &item.ctx)? {
            Target::Own { id } => id,
            Target::Part { owner, .. } => owner,
            _ => return None,
        };
        let mut at = Some(id);
        let (owner, address) = loop {
            let id = at?;
            if let Some(address) = self.recreated.get(&id) {
                break (id, address);
            }
            at = id.parent();
        };
        let says = |text: &str| text.eq_ignore_ascii_case(owner.as_str()) || text.eq_ignore_ascii_case(owner.name());
        let settable = item.ty.shape.attrs.iter().filter(|(_, a)| a.settable()).map(|(name, _)| name);
        let name = settable.filter(|name| prior.get(name).and_then(Value::as_str).is_some_and(says)).max_by_key(|name| (name.as_str() != "name", name.len()));
        let path = vec![PathStep::Name(name.cloned().unwrap_or_else(|| "id".to_owned()))];
        Some((path, format!("{address}, which it lies in, is replaced")))
    }

    fn path_changes(&self, address: &Address, path: &Path) -> bool {
        self.updated.get(address).is_some_and(|changed| changed.iter().any(|c| c.starts_with(path) || path.starts_with(c)))
    }

    /// Names, for every changed attribute, what in the blueprint or in Azure changed it.
    fn explain(&mut self, item: &mut Item<'a>) {
        self.updated.insert(item.address.clone(), item.changed.clone());
        let Some(resource) = item.resource else { return };
        let names = item.address.module().names();
        for path in because::outermost(&item.changed) {
            if matches!(path.as_slice(), [PathStep::Name(n)] if item.ty.shape.attrs.get(n).is_some_and(|a| !a.settable())) {
                continue;
            }
            let drifted = match (&item.stored, &item.prior) {
                (Some(stored), Some(prior)) => !compare::changed(item.ty, stored, prior).is_empty() && differs_at(stored, prior, &path),
                _ => false,
            };
            let places = because::places(self.setup.blueprint, &names, &resource.body, &path);
            let cause = if drifted { Cause::Drift } else { Cause::Configuration };
            item.because.push(Because { path, cause, places });
        }
    }

    /// `prevent_destroy`.
    fn guard(&self, item: &Item<'a>, diags: &mut Diagnostics) {
        let Some(resource) = item.resource else { return };
        if item.action.deletes() && self.flag(resource.lifecycle.prevent_destroy.as_ref(), &item.address, diags) {
            let paths: Vec<String> = item.replace_paths.iter().map(|(p, _)| show_path(p)).collect();
            let why = if paths.is_empty() { String::new() } else { format!(" The change of {} forces it.", paths.join(", ")) };
            diags.push(
                Diagnostic::error(
                    "prevent-destroy",
                    "Instance cannot be destroyed",
                    format!("{} has lifecycle.prevent_destroy set, but the plan calls for it to be destroyed.{why}", item.address),
                )
                .at(resource.span)
                .on(&item.address)
                .hint("Remove prevent_destroy, or narrow the plan with -target."),
            );
        }
    }
}

/// Whether a part keeps its place and only gets another content: that is one write of its owner. The type calls it a
/// replacement because a provider that deletes and creates would have to; in between the owner would stand without it,
/// a subnet without its security group.
fn stays_in_place(item: &Item, prior: &Value, planned: &Value) -> bool {
    if !planned.is_wholly_known() {
        return false;
    }
    match (item.ty.target(prior, &item.ctx), item.ty.target(planned, &item.ctx)) {
        (Some(Target::Part { owner: a, place: p, .. }), Some(Target::Part { owner: b, place: q, .. })) => a == b && p == q,
        _ => false,
    }
}

fn differs_at(a: &Value, b: &Value, path: &Path) -> bool {
    match (a.at(path), b.at(path)) {
        (Some(x), Some(y)) => !x.same(y),
        (x, y) => x.is_some() != y.is_some(),
    }
}

/// The configuration with ignored paths taken from the prior value.
pub fn ignoring(config: Value, prior: &Value, ignore: &Option<&Ignore>) -> Value {
    match ignore {
        None | Some(Ignore::Nothing) => config,
        Some(Ignore::All(_)) => prior.clone(),
        Some(Ignore::Paths(paths)) => paths.iter().fold(config, |value, (path, _)| compare::with_path_from(&value, prior, path)),
    }
}

/// A problem that the type found in the configuration, at the attribute that has it.
pub(super) fn invalid(resource: &Resource, address: &Address, problem: crate::schema::Problem) -> Diagnostic {
    let span = because::attribute_span(&resource.body, &problem.path).unwrap_or(resource.span);
    let mut diagnostic = Diagnostic::error(problem.code, problem.summary, problem.detail).at(span).on(address);
    diagnostic.context = Some(format!("{} \"{}\" \"{}\"", if address.is_managed() { "resource" } else { "data" }, resource.kind, resource.name));
    diagnostic
}
