//! The ten steps: their names, and how a pipeline of either build is made of them.

/// Calls a macro with what is before the semicolon and the ten steps.
macro_rules! with_steps {
    ($callback:ident!($($before:tt)*)) => {
        $callback! {
            $($before)*;
            load "load", parse "parse", clean "clean", split "split", embed "embed",
            rank "rank", filter "filter", score "score", store "store", notify "notify"
        }
    };
}

/// A pipeline of one of the two builds, whose steps await the functions of a module.
macro_rules! chain {
    ($ia:ident, $builder:expr, $module:path; $($step:ident $name:literal),*) => {{
        use $module as functions;
        $(
            async fn $step(_: $ia::StepContext, job: $crate::Job) -> Result<$crate::Job, $crate::Refused> {
                functions::$step(job).await
            }
        )*
        let pipeline = $builder$(.step($name, $step))*.build();
        pipeline.expect("a chain of ten steps is a pipeline")
    }};
}
