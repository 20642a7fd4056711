//! The series of a metric: where they are counted, how they are found, and when their place can be used again.

mod cache;
mod chunk;
mod head;
mod key;
mod list;
mod reference;
mod rows;
mod table;

pub(crate) use self::cache::Cache;
pub(crate) use self::chunk::Chunk;
pub(crate) use self::head::Head;
pub(crate) use self::key::Key;
pub(crate) use self::list::ChunkList;
pub(crate) use self::reference::{Route, SeriesRef};
pub(crate) use self::rows::Rows;
pub(crate) use self::table::{MOST, Table};
