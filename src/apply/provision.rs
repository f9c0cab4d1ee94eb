//! Provisioners of a step: the commands that run when an object has been created, or before it is destroyed.

use super::{
    drive::Notice,
    shell::Order,
    step::{Bench, one},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Value},
    lang::{
        Each,
        blueprint::{OnFailure, Provisioner, Resource, When},
        provisioners::local_exec,
    },
    plan::StepId,
};

impl Bench<'_> {
    /// Runs the provisioners of one occasion in order, with the object as `self`. The first that fails ends it, unless its
    /// failure does not matter.
    pub(super) async fn provision(&self, id: StepId, address: &Address, value: &Value, when: When) -> Result<(), Diagnostics> {
        let Some(resource) = self.desk.block(address) else { return Ok(()) };
        for provisioner in resource.provisioners.iter().filter(|p| p.when == when) {
            let Err(failure) = self.local_exec(id, address, resource, provisioner, value).await else { continue };
            if provisioner.on_failure == OnFailure::Fail {
                return Err(failure);
            }
            for mut told in failure {
                told.severity = crate::base::Severity::Warning;
                (self.notice)(Notice::Told(Box::new(told)));
            }
        }
        Ok(())
    }

    /// Whether creating the object is not done when it exists.
    pub(super) fn has_provisioners(&self, address: &Address, when: When) -> bool {
        self.desk.block(address).is_some_and(|r| r.provisioners.iter().any(|p| p.when == when))
    }

    async fn local_exec(&self, id: StepId, address: &Address, resource: &Resource, provisioner: &Provisioner, value: &Value) -> Result<(), Diagnostics> {
        let mut diags = Diagnostics::default();
        let each = match provisioner.when {
            When::Create => self.desk.each(address, resource, &mut diags),
            // What `for_each` gives may be gone; the key is part of the address.
            When::Destroy => Each { key: address.key.clone(), ..Each::default() },
        };
        let each = Each { self_value: Some(value.clone()), ..each };
        let config = self.desk.eval.decode(address.module(), &provisioner.body, &local_exec().fleeting(), &each, &mut diags);
        if diags.has_errors() {
            return Err(diags);
        }
        let secret = config.marks_deep().sensitive;
        let config = config.unmark_deep().0;
        let order = order(&config);
        let told = |text: String| (self.notice)(Notice::Provision { step: id, kind: provisioner.kind.clone(), text: Some(text) });
        (self.notice)(Notice::Provision { step: id, kind: provisioner.kind.clone(), text: None });
        if config.get("quiet").and_then(Value::as_bool) == Some(true) {
            told("local-exec: Executing: Suppressed by quiet=true".to_owned());
        } else if secret {
            told("(output suppressed due to sensitive value in config)".to_owned());
        } else {
            let words: Vec<String> = order.words.iter().map(|w| format!("{w:?}")).collect();
            told(format!("Executing: [{}]", words.join(" ")));
        }
        let printed = std::cell::RefCell::new(String::new());
        let line = |text: &str| {
            printed.borrow_mut().push_str(text);
            printed.borrow_mut().push('\n');
            if !secret {
                told(text.to_owned());
            }
        };
        let command = config.get("command").and_then(Value::as_str).unwrap_or_default();
        let why = match self.shell.run(&order, &line).await {
            Ok(Some(0)) => return Ok(()),
            Ok(Some(code)) => format!("exit status {code}"),
            Ok(None) => "it was ended by a signal".to_owned(),
            Err(why) => why,
        };
        let (command, output) = if secret { ("(sensitive value)", "(sensitive value)".to_owned()) } else { (command, printed.take()) };
        let detail = format!("Error running command '{command}': {why}. Output: {output}");
        let mut failure = Diagnostic::error("local-exec", "local-exec provisioner error", detail.trim_end()).at(provisioner.span).on(address);
        failure.context = Some(format!("resource {:?} {:?}", resource.kind, resource.name));
        Err(one(failure))
    }
}

fn order(config: &Value) -> Order {
    let text = |name: &str| config.get(name).and_then(Value::as_str).map(str::to_owned);
    let interpreter = config.get("interpreter").and_then(Value::elements).unwrap_or_default();
    let mut words: Vec<String> = interpreter.iter().filter_map(|w| w.as_str().map(str::to_owned)).collect();
    if words.is_empty() {
        words = if cfg!(windows) { vec!["cmd".into(), "/C".into()] } else { vec!["/bin/sh".into(), "-c".into()] };
    }
    words.extend(text("command"));
    let env = config.get("environment").and_then(Value::entries).into_iter().flatten();
    let env = env.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    Order { words, dir: text("working_dir"), env }
}
