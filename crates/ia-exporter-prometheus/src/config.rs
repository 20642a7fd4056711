//! What can be configured.

use crate::{ConfigError, PrometheusExporter};

/// Builds a [`PrometheusExporter`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct PrometheusExporterBuilder {
    prefix: String,
}

impl PrometheusExporterBuilder {
    /// Sets what all metric names begin with, joined by an underscore unless it ends in one: `myapp` and `myapp_` both
    /// make `myapp_pipeline_executions_total`. Label values stay as they are, also where they name a metric. Give
    /// generated dashboards and alert rules the same prefix. Defaults to none.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Checks the prefix: `[a-zA-Z_:][a-zA-Z0-9_:]*`, or empty for none.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidPrefix`].
    pub fn build(self) -> Result<PrometheusExporter, ConfigError> {
        let mut prefix = self.prefix;
        if !is_valid(&prefix) {
            return Err(ConfigError::InvalidPrefix { prefix });
        }
        if !prefix.is_empty() && !prefix.ends_with('_') {
            prefix.push('_');
        }
        Ok(PrometheusExporter::with_prefix(&prefix))
    }
}

fn is_valid(prefix: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':';
    !prefix.starts_with(|first: char| first.is_ascii_digit()) && prefix.bytes().all(legal)
}
