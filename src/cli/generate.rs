//! `plan -generate-config-out`: blocks for what is to be imported and has none, written before the plan is made.

use std::{collections::BTreeMap, path::Path};

use super::{args::Vars, disk, planning, session::Session};
use crate::{
    azure,
    base::{Diagnostic, Diagnostics},
    lang::{Disk, files::clean},
    plan::{Identity, Live, Options, Setup, generate},
};

/// Writes the file; nothing when every import has its block. Nothing is written when something is wrong.
pub async fn run(session: &mut Session<'_, '_>, vars: &Vars, out: &Path, diags: &mut Diagnostics) -> Option<()> {
    let path = session.ui.dir.join(out);
    suitable(session, out, &path, diags)?;
    let blueprint = session.load(&Disk, diags)?;
    let variables = session.variables(&blueprint, &Disk, vars, diags);
    let believed = session.believed(Some(&blueprint), diags).await?;
    let inputs = session.inputs(variables, true);
    let (options, interrupted) = (Options::default(), BTreeMap::new());
    let setup = |identity: Identity| Setup {
        blueprint: &blueprint,
        sources: &session.sources,
        files: &Disk,
        inputs: inputs.clone(),
        state: &believed.state,
        interrupted: &interrupted,
        identity,
        options: &options,
    };
    let imports = generate::undeclared(&setup(Identity::default()), diags);
    if diags.has_errors() || imports.is_empty() {
        return if diags.has_errors() { None } else { Some(()) };
    }
    let arm = if imports.iter().any(generate::Undeclared::is_in_azure) {
        let settings = session.provider_settings(&blueprint, &inputs, &Disk, diags);
        match session.connect(&settings).await {
            Ok((arm, _)) => arm,
            Err(diagnostic) => {
                diags.push(diagnostic);
                return None;
            }
        }
    } else {
        azure::nowhere()
    };
    let setup = setup(planning::identity(&arm));
    let mut live = Live::default();
    let values = loop {
        let mut found = Diagnostics::default();
        match generate::read(&setup, &imports, &live, &mut found) {
            Ok(values) => {
                diags.extend(found);
                break values;
            }
            Err(wants) => {
                if let Err(error) = planning::ask(&arm, &wants, &mut live).await {
                    diags.push(error.diagnostic());
                    return None;
                }
            }
        }
    };
    if diags.has_errors() {
        return None;
    }
    if let Err(why) = disk::write(&path, &generate::text(&imports, &values)) {
        let detail = format!("Ravelin could not write generated config to the file {}: {why}.", out.display());
        diags.push(Diagnostic::error("generate-config-file", "Failed to write generated config", detail));
        return None;
    }
    session.ui.say(&format!(
        "Ravelin has generated configuration and written it to {}.\nPlease review the configuration and edit it as necessary before adding it\nto version \
         control.\n",
        out.display()
    ));
    Some(())
}

/// Whether the file is new, and one that the plan will read.
fn suitable(session: &Session<'_, '_>, out: &Path, path: &Path, diags: &mut Diagnostics) -> Option<()> {
    if disk::is_file(path) {
        let detail = "Ravelin can only write generated config into a new file. Either choose a different target location or move all existing configuration out of \
                      the target file, delete it and try again.";
        diags.push(Diagnostic::error("generate-config-file", "Target generated file already exists", detail));
        return None;
    }
    let in_folder = path.parent().is_some_and(|p| clean(p) == clean(&session.dir));
    if !in_folder || path.extension().is_none_or(|e| e != "tf") {
        let detail = format!("{} is not a .tf file in the blueprint's folder, so what is written there would not be part of the blueprint.", out.display());
        diags.push(Diagnostic::error("generate-config-file", "Generated configuration would not be read", detail));
        return None;
    }
    Some(())
}
