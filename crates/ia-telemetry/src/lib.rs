//! ia-telemetry
