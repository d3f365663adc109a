//! The provider as a worker asks it.

use crate::{problem::Refusal, settings::Settings};
use ::assistant::{Limits, Provider, ProviderConfig};
use std::cell::OnceCell;

/// The provider of one worker: a connection that is kept is driven by the runtime that opened it, and each worker has one of
/// its own. Made with the first question, since that reads the certificates of the machine.
pub struct WorkersProvider {
    config: Option<ProviderConfig>,
    limits: Limits,
    made: OnceCell<Provider>,
}

impl WorkersProvider {
    /// Of what the operator set.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self { config: settings.assistant().cloned(), limits: settings.assistant_limits(), made: OnceCell::new() }
    }

    /// None where the operator set up no provider.
    ///
    /// # Errors
    /// 500 where the machine's means to connect cannot be set up.
    pub fn get(&self) -> Result<Option<Provider>, Refusal> {
        let Some(config) = &self.config else { return Ok(None) };
        if let Some(made) = self.made.get() {
            return Ok(Some(made.clone()));
        }
        let provider = Provider::with_limits(config.clone(), self.limits).map_err(Refusal::internal)?;
        Ok(Some(self.made.get_or_init(|| provider).clone()))
    }
}
