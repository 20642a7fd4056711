//! Compiles the telemetry of `ia-pipeline` out of this build of it.
//!
//! A cfg and not a feature: cargo would unite the features of both builds into one, and users could switch it on.

fn main() {
    println!("cargo::rustc-cfg=ia_uninstrumented");
    println!("cargo::rerun-if-changed=build.rs");
}
