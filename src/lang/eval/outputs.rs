//! Output values, with their preconditions and the rules on what may leave a module.

use std::rc::Rc;

use super::{Each, Evaluator, Frame, Name, conditions::ConditionKind, expr::unknown};
use crate::{
    base::{Diagnostic, Diagnostics, Marks, ModulePath, Value},
    lang::blueprint::Output,
};

impl<'a> Evaluator<'a> {
    /// The value of a module instance's output; sensitive when it is declared so.
    pub fn output(&self, module: &ModulePath, name: &str, diags: &mut Diagnostics) -> Value {
        let Some(frame) = self.frame(module) else { return unknown() };
        let Some((name, output)) = frame.module.outputs.get_key_value(name) else { return unknown() };
        self.prepare(&frame, &output.value);
        let value = self.value_of(&frame, Name::Output(name));
        self.flush(diags);
        value
    }

    pub(super) fn output_value(&self, frame: &Rc<Frame<'a>>, name: &str, diags: &mut Diagnostics) -> Value {
        let Some(output) = frame.module.outputs.get(name) else { return unknown() };
        let each = Each::default();
        if !self.conditions_in(frame, &output.preconditions, &each, ConditionKind::OutputPrecondition, diags).is_good() {
            return unknown();
        }
        let value = self.eval_in(frame, &output.value, &each, diags);
        if frame.path.is_root() {
            self.leaving(output, &value, diags);
        }
        if value.marks_deep().ephemeral && !output.ephemeral {
            let detail = "This output value is not declared as returning an ephemeral value, so it cannot be set to a result derived from an ephemeral value.";
            diags.push(Diagnostic::error("ephemeral-value", "Ephemeral value not allowed", detail).at(output.value.span));
            return unknown();
        }
        value.marked(Marks { sensitive: output.sensitive, ephemeral: output.ephemeral })
    }

    /// What the root module shows must be declared as what it is.
    fn leaving(&self, output: &Output, value: &Value, diags: &mut Diagnostics) {
        let marks = value.marks_deep();
        if marks.sensitive && !output.sensitive {
            let detail = "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, any root module output containing \
                          sensitive data must be explicitly marked as sensitive, to confirm your intent.\n\nIf you do intend to export this data, annotate the \
                          output value as sensitive by adding the following argument:\n    sensitive = true";
            diags.push(Diagnostic::error("sensitive-output", "Output refers to sensitive values", detail).at(output.span));
        }
    }
}
