//! What the tests share: folders to read, processes that do not outlive a test, and just enough HTTP.

mod example;
mod folder;
mod http;
mod process;

pub(crate) use self::example::example;
pub(crate) use self::folder::Folder;
pub(crate) use self::http::get;
pub(crate) use self::process::Process;
