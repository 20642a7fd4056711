//! ia-exporter-prometheus
