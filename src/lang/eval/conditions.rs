//! Validations, preconditions, postconditions and assertions.

use std::rc::Rc;

use super::{
    Each, Evaluator, Frame, Name,
    expr::Env,
    scope::Scope,
    show::{Shown, shown_values},
};
use crate::{
    base::{Diagnostic, Diagnostics, Kind, ModulePath, Severity, Type},
    lang::{
        blueprint::{Condition, Variable},
        convert::convert,
    },
};

/// What a condition belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionKind {
    ResourcePrecondition,
    ResourcePostcondition,
    OutputPrecondition,
    /// A failed assertion of a `check` block is a warning.
    CheckAssertion,
}

impl ConditionKind {
    fn summary(self) -> (&'static str, &'static str) {
        match self {
            ConditionKind::ResourcePrecondition => ("precondition-failed", "Resource precondition failed"),
            ConditionKind::ResourcePostcondition => ("postcondition-failed", "Resource postcondition failed"),
            ConditionKind::OutputPrecondition => ("precondition-failed", "Module output value precondition failed"),
            ConditionKind::CheckAssertion => ("check-failed", "Check block assertion failed"),
        }
    }
}

/// How a group of conditions stands: as its worst one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    #[default]
    Holds,
    /// Something in it is known only after apply.
    Unknown,
    Fails,
    /// It could not be evaluated.
    Broken,
}

/// What came of a group of conditions, with the messages of those that fail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    pub standing: Standing,
    pub problems: Vec<String>,
}

impl Judged {
    pub fn is_good(&self) -> bool {
        self.standing < Standing::Fails
    }

    /// Both groups as one.
    pub fn and(mut self, other: Judged) -> Judged {
        self.standing = self.standing.max(other.standing);
        self.problems.extend(other.problems);
        self
    }
}

/// What came of an assertion of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assertion {
    Holds,
    Fails,
    /// It could not be worked out.
    Broken,
}

/// What came of one condition.
enum Verdict {
    Holds,
    NotKnown,
    Fails(String),
    /// Reported.
    Broken,
}

impl<'a> Evaluator<'a> {
    /// Checks conditions in a module instance; `true` unless one failed or could not be evaluated.
    /// Those that depend on unknown values are left for later.
    pub fn conditions(&self, module: &ModulePath, conditions: &[Condition], each: &Each, kind: ConditionKind, diags: &mut Diagnostics) -> bool {
        self.judge(module, conditions, each, kind, diags).is_good()
    }

    /// The same, with how they stand.
    pub fn judge(&self, module: &ModulePath, conditions: &[Condition], each: &Each, kind: ConditionKind, diags: &mut Diagnostics) -> Judged {
        let Some(frame) = self.frame(module) else { return Judged::default() };
        for c in conditions {
            self.prepare(&frame, &c.condition);
            self.prepare(&frame, &c.error_message);
        }
        let judged = self.conditions_in(&frame, conditions, each, kind, diags);
        self.flush(diags);
        judged
    }

    /// Checks an assertion of a test: what it depends on has to be known by then.
    pub fn assertion(&self, c: &Condition, diags: &mut Diagnostics) -> Assertion {
        let Some(frame) = self.frame(&ModulePath::root()) else { return Assertion::Broken };
        self.prepare(&frame, &c.condition);
        self.prepare(&frame, &c.error_message);
        let each = Each::default();
        let before = diags.items.len();
        let verdict = self.verdict(&frame, c, &each, diags);
        self.flush(diags);
        if diags.items.iter().skip(before).any(Diagnostic::is_error) {
            // The condition or its message could not be worked out, which says enough.
            return Assertion::Broken;
        }
        let (found, diagnostic) = match verdict {
            Verdict::Holds => return Assertion::Holds,
            Verdict::Broken => return Assertion::Broken,
            Verdict::Fails(message) => (Assertion::Fails, Diagnostic::error("test-assertion", "Test assertion failed", message)),
            Verdict::NotKnown => {
                let detail = "Condition expression could not be evaluated at this time. This means you have executed a `run` block with `command = plan` and \
                              one of the values your condition depended on is not known until after the plan has been applied. Either remove this value from \
                              your condition, or execute an `apply` command from this `run` block. Alternatively, if there is an override for this value, you \
                              can make it available during the plan phase by setting `override_during = plan` in the `override_` block.";
                (Assertion::Broken, Diagnostic::error("test-unknown", "Unknown condition value", detail))
            }
        };
        let mut diagnostic = self.with_values(diagnostic.at(c.condition.span), &frame, c, &each);
        if found == Assertion::Broken {
            let scope = Scope { ev: self, frame: &frame, each: &each };
            diagnostic.values = shown_values(&c.condition.node, &self.env(&scope, &c.condition), Shown::Unknown);
        }
        diags.push(diagnostic);
        found
    }

    pub(super) fn conditions_in(&self, frame: &Rc<Frame<'a>>, conditions: &[Condition], each: &Each, kind: ConditionKind, diags: &mut Diagnostics) -> Judged {
        let mut out = Judged::default();
        for c in conditions {
            let standing = match self.verdict(frame, c, each, diags) {
                Verdict::Holds => Standing::Holds,
                Verdict::NotKnown => {
                    if kind == ConditionKind::CheckAssertion && self.inputs.plan_mode {
                        diags.push(self.with_values(known_later(c), frame, c, each));
                    }
                    Standing::Unknown
                }
                Verdict::Broken => Standing::Broken,
                Verdict::Fails(message) => {
                    let (code, summary) = kind.summary();
                    let severity = if kind == ConditionKind::CheckAssertion { Severity::Warning } else { Severity::Error };
                    let d = Diagnostic { severity, ..Diagnostic::error(code, summary, message.clone()) };
                    diags.push(self.with_values(d.at(c.condition.span), frame, c, each));
                    out.problems.push(message);
                    Standing::Fails
                }
            };
            out.standing = out.standing.max(standing);
        }
        out
    }

    fn with_values(&self, mut d: Diagnostic, frame: &Rc<Frame<'a>>, c: &Condition, each: &Each) -> Diagnostic {
        let scope = Scope { ev: self, frame, each };
        let env: Env = self.env(&scope, &c.condition);
        d.values = shown_values(&c.condition.node, &env, Shown::Known);
        d
    }

    fn verdict(&self, frame: &Rc<Frame<'a>>, c: &Condition, each: &Each, diags: &mut Diagnostics) -> Verdict {
        let before = diags.items.len();
        let value = self.eval_in(frame, &c.condition, each, diags);
        if diags.items.iter().skip(before).any(Diagnostic::is_error) {
            return Verdict::Broken;
        }
        let why = match convert(&value, &Type::Bool) {
            Ok(v) => match v.kind {
                Kind::Bool(true) => return Verdict::Holds,
                Kind::Unknown(_) => return Verdict::NotKnown,
                Kind::Bool(false) => return Verdict::Fails(self.message(frame, c, each, diags)),
                _ => "Condition expression must return either true or false, not null.".to_owned(),
            },
            Err(why) => format!("Invalid condition result value: {why}."),
        };
        let d = Diagnostic::error("invalid-condition", "Invalid condition result", why).at(c.condition.span);
        diags.push(self.with_values(d, frame, c, each));
        Verdict::Broken
    }

    fn message(&self, frame: &Rc<Frame<'a>>, c: &Condition, each: &Each, diags: &mut Diagnostics) -> String {
        let value = self.eval_in(frame, &c.error_message, each, diags);
        if value.marks.sensitive {
            let detail = "The error expression used to explain this condition refers to sensitive values, so it will not be displayed.\n\nYou can correct this by \
                          removing references to sensitive values, or by carefully using the nonsensitive() function if the expression will not reveal the sensitive data.";
            diags.push(Diagnostic::warning("sensitive-message", "Error message refers to sensitive values", detail).at(c.error_message.span));
            return "The error message included a sensitive value, so it will not be displayed.".into();
        }
        match convert(&value, &Type::String).ok().and_then(|v| v.as_str().map(|s| s.trim().to_owned())) {
            Some(text) => text,
            None => "This check failed, but its error message is not valid: it must be a string that is known and not null.".into(),
        }
    }

    /// Runs the validation rules of every module instance's variables, and reports inputs of wrong types on the way.
    pub fn check_variables(&self, diags: &mut Diagnostics) {
        let mut calls = vec![Vec::new()];
        while let Some(names) = calls.pop() {
            let paths = self.module_instances(&names, diags);
            if let Some(frame) = paths.first().and_then(|p| self.frame(p)) {
                calls.extend(frame.module.calls.keys().rev().map(|c| names.iter().cloned().chain([c.clone()]).collect()));
            }
            for frame in paths.iter().filter_map(|p| self.frame(p)) {
                for (name, variable) in &frame.module.variables {
                    if let Some((_, call)) = &frame.above
                        && let Some(input) = call.inputs.get(name)
                        && let Some(parent) = frame.path.parent().and_then(|p| self.frame(&p))
                    {
                        self.prepare(&parent, &input.expr);
                    }
                    self.value_of(&frame, Name::Variable(name));
                    self.validate(&frame, variable, diags);
                }
            }
        }
        self.flush(diags);
    }

    /// Runs the validation rules of one variable of a module instance.
    pub fn check_variable(&self, module: &ModulePath, name: &str, diags: &mut Diagnostics) {
        if let Some(frame) = self.frame(module)
            && let Some(variable) = frame.module.variables.get(name)
        {
            self.validate(&frame, variable, diags);
            self.flush(diags);
        }
    }

    fn validate(&self, frame: &Rc<Frame<'a>>, variable: &Variable, diags: &mut Diagnostics) {
        for c in &variable.validations {
            self.prepare(frame, &c.condition);
            self.prepare(frame, &c.error_message);
            let each = Each::default();
            if let Verdict::Fails(message) = self.verdict(frame, c, &each, diags) {
                let given = frame.above.as_ref().and_then(|(_, call)| call.inputs.get(&variable.name)).map(|i| i.expr.span);
                let rule = crate::lang::blocks::place(self.sources, c.span);
                let detail = format!("{message}\n\nThis was checked by the validation rule at {rule}.");
                let d = Diagnostic::error("invalid-variable-value", "Invalid value for variable", detail).at(given.unwrap_or(variable.span));
                diags.push(self.with_values(d, frame, c, &each).also(c.span, "the rule"));
            }
        }
    }
}

fn known_later(c: &Condition) -> Diagnostic {
    let detail = "The condition could not be evaluated at this time, a result will be known when this plan is applied.";
    Diagnostic::warning("check-unknown", "Check block assertion known after apply", detail).at(c.condition.span)
}
