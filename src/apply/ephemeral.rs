//! Ephemeral resources during apply: each is opened once, as soon as what it asks for is known, and lives no longer than the run.

use super::step::Bench;
use crate::{
    base::{Address, Diagnostics, Marks, Mode, Value},
    builtin,
    plan::{Repetition, provider, refresh, walk::block_of},
};

impl Bench<'_> {
    /// Opens whatever can be opened now. What one gives may be what another asks for.
    pub(super) async fn open_ephemerals(&self) -> Result<(), Diagnostics> {
        loop {
            let waiting = self.ephemerals.take();
            let mut left = Vec::new();
            let before = waiting.len();
            for address in waiting {
                if !self.open(&address).await? {
                    left.push(address);
                }
            }
            let (after, progress) = (left.len(), left.len() < before);
            *self.ephemerals.borrow_mut() = left;
            if after == 0 || !progress {
                return Ok(());
            }
        }
    }

    /// Whether it is open now.
    async fn open(&self, address: &Address) -> Result<bool, Diagnostics> {
        let (names, key) = block_of(address);
        let block = provider::module_at(self.desk.blueprint, &names).and_then(|m| m.resources.get(&key));
        let (Some(resource), Some(ty)) = (block, self.desk.resource_type(address)) else { return Ok(true) };
        let mut diags = Diagnostics::default();
        let each = self.desk.each(address, resource, &mut diags);
        let config = self.desk.eval.decode(address.module(), &resource.body, &ty.shape.fleeting(), &each, &mut diags);
        if diags.has_errors() {
            return Err(diags);
        }
        if !config.is_wholly_known() {
            return Ok(false);
        }
        let asked = ty.planned(&config, None, &self.desk.context(address));
        match builtin::open(&ty.kind, &asked, self.outside).await {
            Ok(value) => {
                let value: Value = ty.complete(&refresh::keep_marks(value, &asked)).marked(Marks::EPHEMERAL);
                self.desk.eval.set(address, value);
                Ok(true)
            }
            Err(failure) => {
                let mut failure = failure.on(address);
                failure.span = failure.span.or(Some(resource.span));
                Err(super::step::one(failure))
            }
        }
    }
}

/// The instances of ephemeral resources that take part in a plan.
pub fn instances(plan: &crate::plan::Plan) -> Vec<Address> {
    let blocks = plan.blocks.iter().filter(|(block, _)| block.mode() == Mode::Ephemeral);
    blocks
        .flat_map(|(block, repetition)| {
            let keys: Vec<Option<crate::base::Key>> = match repetition {
                Repetition::Single => vec![None],
                Repetition::Count(n) => (0..*n).map(|i| Some(crate::base::Key::Int(i as i64))).collect(),
                Repetition::Keys(keys) => keys.iter().map(|k| Some(crate::base::Key::Str(k.clone()))).collect(),
            };
            keys.into_iter().map(|key| block.resource.instance(key)).collect::<Vec<_>>()
        })
        .collect()
}
