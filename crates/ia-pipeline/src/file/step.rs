//! A step of a flow file, as the engine runs it: from one state to the next.

use std::any::Any;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::document::Mapping;
use super::registered::JsonStep;
use super::resolve::View;
use super::state::{Finished, FlowState};
use crate::builder::StandIn;
use crate::data::{Deliveries, Shared, sealed::JoinInput};
use crate::run::Failure;
use crate::step::{ErasedStep, unbox};
use crate::{StepContext, StepError};

/// A step and what it is given.
pub(crate) struct FileStep {
    pub(crate) id: Arc<str>,
    pub(crate) number: usize,
    pub(crate) step: JsonStep,
    pub(crate) inputs: Option<Arc<Mapping>>,
    pub(crate) parameters: Arc<Map<String, Value>>,
}

impl FileStep {
    async fn run(&self, ctx: StepContext, state: FlowState) -> Result<FlowState, StepError> {
        let began = ctx.now();
        let given = match &self.inputs {
            Some(inputs) => View { state: &state, parameters: &self.parameters }.resolve(inputs)?,
            None => state.everything(),
        };
        let output = self.step.step.call(ctx.clone(), self.step.input(given)?).await?;
        let output = self.step.output(output)?;
        let (step, number, time) = (Arc::clone(&self.id), self.number, Some((began, ctx.now())));
        Ok(state.after(Finished { step, number, output, time }))
    }
}

impl ErasedStep for FileStep {
    fn call(
        &self,
        ctx: StepContext,
        input: Box<dyn Any + Send>,
    ) -> BoxFuture<'_, Result<Shared, StepError>> {
        Box::pin(async move {
            let state = self.run(ctx, unbox(input)?).await?;
            Ok(Arc::new(state) as Shared)
        })
    }
}

/// What a step gives that failed where the run goes on: that it failed, and with what.
pub(crate) fn stand_in(id: &Arc<str>, number: usize) -> StandIn {
    let id = Arc::clone(id);
    Arc::new(move |given: Deliveries, failure: &Failure| {
        let state = FlowState::gather(given)?;
        let output = json!({
            "step_error": true,
            "step_name": *id,
            "error_type": failure.error_type,
            "error_message": failure.message,
        });
        let finished = Finished { step: Arc::clone(&id), number, output, time: None };
        let state = state.after(finished);
        Some(Arc::new(state) as Shared)
    })
}
