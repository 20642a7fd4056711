//! ia-export
