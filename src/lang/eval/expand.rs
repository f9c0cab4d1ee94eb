//! `count` and `for_each`: which instances a resource or a module call has.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    Each, Evaluator, Expansion, Frame,
    expr::Env,
    scope::Scope,
    show::{Shown, shown_values},
};
use crate::{
    base::{Diagnostic, Diagnostics, Kind, ModulePath, Type, Value},
    lang::{
        blueprint::{Expr, ModuleCall, Resource},
        convert::convert,
    },
};

const WORKAROUND: &str = "\n\nAlternatively, you could use the -target planning option to first apply only the resources that the for_each value depends on, and \
                          then apply a second time to fully converge.";

impl<'a> Evaluator<'a> {
    /// The instances of a module call path: every call on the way is expanded. Calls whose expansion fails have none.
    pub fn module_instances(&self, names: &[String], diags: &mut Diagnostics) -> Vec<ModulePath> {
        let mut found = vec![ModulePath::root()];
        for name in names {
            let mut next = Vec::new();
            for path in found {
                let Some(frame) = self.frame(&path) else { continue };
                let Some(call) = frame.module.calls.get(name) else { continue };
                for expr in call.count.iter().chain(&call.for_each) {
                    self.prepare(&frame, expr);
                }
                if let Some(expansion) = self.call_expansion(&frame, call) {
                    next.extend(expansion.keys().into_iter().map(|key| path.child(name, key)));
                }
            }
            found = next;
        }
        self.flush(diags);
        found
    }

    /// How a module call expands; worked out once, and again when a resource it depends on has changed.
    pub(super) fn call_expansion(&self, frame: &Rc<Frame<'a>>, call: &'a ModuleCall) -> Option<Expansion> {
        let known = frame.calls.borrow().get(call.name.as_str()).filter(|(_, reads)| super::still_good(reads)).cloned();
        if let Some((expansion, reads)) = known {
            self.note_all(&reads);
            return expansion;
        }
        let mut own = Diagnostics::default();
        let (expansion, reads) = self.recording(|| self.expansion(frame, &call.count, &call.for_each, &mut own));
        self.pending.borrow_mut().extend(own);
        frame.calls.borrow_mut().insert(&call.name, (expansion.clone(), reads));
        expansion
    }

    /// The instances of a resource; `None` after an error was reported.
    pub fn expand(&self, module: &ModulePath, resource: &Resource, diags: &mut Diagnostics) -> Option<Expansion> {
        let frame = self.frame(module)?;
        for expr in resource.count.iter().chain(&resource.for_each) {
            self.prepare(&frame, expr);
        }
        let expansion = self.expansion(&frame, &resource.count, &resource.for_each, diags);
        self.flush(diags);
        expansion
    }

    fn expansion(&self, frame: &Rc<Frame<'a>>, count: &Option<Expr>, for_each: &Option<Expr>, diags: &mut Diagnostics) -> Option<Expansion> {
        match (count, for_each) {
            (Some(expr), _) => self.count(frame, expr, diags).map(Expansion::Count),
            (None, Some(expr)) => self.for_each(frame, expr, diags).map(Expansion::ForEach),
            (None, None) => Some(Expansion::Single),
        }
    }

    fn argument_error(&self, frame: &Rc<Frame<'a>>, expr: &Expr, name: &str, detail: String, shown: Shown) -> Diagnostic {
        let each = Each::default();
        let scope = Scope { ev: self, frame, each: &each };
        let env: Env = self.env(&scope, expr);
        let code = match (name, shown) {
            ("count", Shown::Unknown) => "unknown-count",
            ("count", _) => "invalid-count",
            (_, Shown::Unknown) => "unknown-for-each",
            _ => "invalid-for-each",
        };
        let mut d = Diagnostic::error(code, format!("Invalid {name} argument"), detail).at(expr.span);
        d.values = shown_values(&expr.node, &env, shown);
        d
    }

    fn count(&self, frame: &Rc<Frame<'a>>, expr: &Expr, diags: &mut Diagnostics) -> Option<usize> {
        let before = diags.items.len();
        let value = self.eval_in(frame, expr, &Each::default(), diags);
        let fail = |detail: String, shown| self.argument_error(frame, expr, "count", detail, shown);
        let unsuitable = |why: &str| fail(format!("The given \"count\" argument value is unsuitable: {why}."), Shown::Known);
        let problem = if value.marks.sensitive {
            fail(
                "Sensitive values, or values derived from sensitive values, cannot be used as count arguments. If used, the sensitive value could be exposed as \
                 a resource instance key."
                    .into(),
                Shown::Sensitive,
            )
        } else if value.marks.ephemeral {
            fail(
                "The given \"count\" is derived from an ephemeral value, which means that the set of instances could not be kept between runs.".into(),
                Shown::Known,
            )
        } else if value.is_null() {
            fail("The given \"count\" argument value is null. An integer is required.".into(), Shown::Known)
        } else {
            match convert(&value, &Type::Number) {
                Ok(v) if v.is_unknown() => {
                    if diags.items.len() > before || self.has_pending_errors() {
                        return None;
                    }
                    let detail = "The \"count\" value depends on resource attributes that cannot be determined until apply, so Ravelin cannot predict how many \
                                  instances will be created. To work around this, use the -target argument to first apply only the resources that the count \
                                  depends on.";
                    fail(detail.into(), Shown::Unknown)
                }
                Ok(v) => match v.as_number() {
                    Some(n) if n.is_negative() => unsuitable("must be greater than or equal to zero"),
                    Some(n) => match n.as_usize().filter(|n| *n <= i32::MAX as usize) {
                        Some(n) => return Some(n),
                        None => unsuitable("value must be a whole number, between 0 and 2147483647 inclusive"),
                    },
                    None => unsuitable("a number is required"),
                },
                Err(why) => Diagnostic {
                    code: "invalid-count",
                    summary: "Incorrect value type".into(),
                    ..fail(format!("Invalid expression value: {why}."), Shown::Known)
                },
            }
        };
        diags.push(problem);
        None
    }

    fn has_pending_errors(&self) -> bool {
        self.pending.borrow().has_errors()
    }

    fn for_each(&self, frame: &Rc<Frame<'a>>, expr: &Expr, diags: &mut Diagnostics) -> Option<BTreeMap<String, Value>> {
        let before = diags.items.len();
        let value = self.eval_in(frame, expr, &Each::default(), diags);
        if value.is_unknown() && (diags.items.len() > before || self.has_pending_errors()) {
            return None;
        }
        match instances(&value) {
            Ok(found) => Some(found),
            Err((detail, shown)) => {
                let mut problem = self.argument_error(frame, expr, "for_each", detail, shown);
                // Of a set it is the elements that are wrong.
                if matches!(value.kind, Kind::Set(..)) && matches!(shown, Shown::Known) && !value.marks.ephemeral {
                    problem.summary = "Invalid for_each set argument".to_owned();
                }
                diags.push(problem);
                None
            }
        }
    }
}

/// The instances a `for_each` value asks for, or why it cannot be used.
fn instances(value: &Value) -> Result<BTreeMap<String, Value>, (String, Shown)> {
    let unsuitable = |why: &str| Err((format!("The given \"for_each\" argument value is unsuitable: {why}"), Shown::Known));
    if value.marks.sensitive {
        let detail = "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be \
                      exposed as a resource instance key.";
        return Err((detail.into(), Shown::Sensitive));
    }
    if value.marks.ephemeral {
        return Err((
            "The given \"for_each\" value is derived from an ephemeral value, which means that the set of instances could not be kept between runs.".into(),
            Shown::Known,
        ));
    }
    match &value.kind {
        Kind::Null(_) => unsuitable("the given \"for_each\" argument value is null. A map, or set of strings is allowed."),
        Kind::Map(_, m) | Kind::Object(m) => Ok(m.as_ref().clone()),
        Kind::Unknown(u) => match &u.ty {
            Type::Any | Type::Map(_) | Type::Object(_) => Err((unknown_keys("map includes keys", true), Shown::Unknown)),
            Type::Set(_) => Err((unknown_keys("set includes values", false), Shown::Unknown)),
            ty => unsuitable(&wrong_type(ty)),
        },
        Kind::Set(ty, items) => {
            if items.iter().any(|v| v.is_unknown()) {
                return Err((unknown_keys("set includes values", false), Shown::Unknown));
            }
            if items.iter().any(Value::is_null) {
                return unsuitable("\"for_each\" sets must not contain null values.");
            }
            if *ty != Type::String && !items.is_empty() {
                return unsuitable(&format!("\"for_each\" supports maps and sets of strings, but you have provided a set containing type {}.", ty.friendly()));
            }
            Ok(items.iter().filter_map(|v| v.as_str().map(|s| (s.to_owned(), v.clone()))).collect())
        }
        _ => unsuitable(&wrong_type(&value.ty())),
    }
}

fn wrong_type(ty: &Type) -> String {
    format!("the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type {}.", ty.friendly())
}

fn unknown_keys(what: &str, map: bool) -> String {
    let better = if map {
        "When working with unknown values in for_each, it's better to define the map keys statically in your configuration and place apply-time results only in \
         the map values."
    } else {
        "When working with unknown values in for_each, it's better to use a map value where the keys are defined statically in your configuration and where only \
         the values contain apply-time results."
    };
    format!(
        "The \"for_each\" {what} derived from resource attributes that cannot be determined until apply, and so Ravelin cannot determine the full set of keys \
         that will identify the instances of this resource.\n\n{better}{WORKAROUND}"
    )
}
