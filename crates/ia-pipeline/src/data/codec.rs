//! How values are kept in checkpoints.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Data, Shared};

/// Writes values of one type as JSON and reads them back.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    encode: fn(&Shared) -> Result<Box<RawValue>, String>,
    decode: fn(&RawValue) -> Result<Shared, String>,
}

impl Codec {
    pub(crate) fn of<T: Data + Serialize + DeserializeOwned>() -> Self {
        Self { encode: encode::<T>, decode: decode::<T> }
    }

    pub(crate) fn encode(&self, value: &Shared) -> Result<Box<RawValue>, String> {
        (self.encode)(value)
    }

    pub(crate) fn decode(&self, json: &RawValue) -> Result<Shared, String> {
        (self.decode)(json)
    }
}

fn encode<T: Data + Serialize>(value: &Shared) -> Result<Box<RawValue>, String> {
    let value: &T = value.downcast_ref().ok_or("it is a value of another type")?;
    serde_json::value::to_raw_value(value).map_err(|error| error.to_string())
}

fn decode<T: Data + DeserializeOwned>(json: &RawValue) -> Result<Shared, String> {
    let value: T = serde_json::from_str(json.get()).map_err(|error| error.to_string())?;
    Ok(std::sync::Arc::new(value))
}
