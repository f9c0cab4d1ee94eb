//! The blueprint as it stands, with nothing decided: what expressions come to beside what is there now.

use super::{
    provider,
    walk::{Setup, ordered},
};
use crate::{
    base::{Address, Diagnostics, ResourceAddress, Value},
    lang::{
        Evaluator,
        deps::{self, Node},
    },
    schema::ResourceType,
};

/// An evaluator that knows every instance the blueprint has and, of each, the value that `value` gives; other instances are
/// not known. Errors of the blueprint's own repetitions are reported.
pub fn present<'a>(setup: &Setup<'a>, value: &dyn Fn(&Address, &'static ResourceType) -> Option<Value>, diags: &mut Diagnostics) -> Evaluator<'a> {
    let eval = Evaluator::new(setup.blueprint, setup.sources, setup.files, setup.inputs.clone());
    let dependencies = deps::dependencies(setup.blueprint);
    let Some(order) = ordered(&dependencies, diags) else { return eval };
    let major = provider::major(setup.blueprint, diags);
    for node in order {
        let Node::Resource(names, key) = &node else { continue };
        let Some(resource) = provider::module_at(setup.blueprint, names).and_then(|m| m.resources.get(key)) else { continue };
        let Some(ty) = crate::schema::find(key.mode, &key.kind, major) else { continue };
        for module in eval.module_instances(names, diags) {
            let Some(expansion) = eval.expand(&module, resource, diags) else { continue };
            let block = ResourceAddress::new(module, key.mode, &key.kind, &key.name);
            eval.declare(&block, &expansion);
            for instance in expansion.keys() {
                let address = block.instance(instance);
                if let Some(value) = value(&address, ty) {
                    eval.set(&address, value);
                }
            }
        }
    }
    eval
}
