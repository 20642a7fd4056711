//! ia-pipeline
