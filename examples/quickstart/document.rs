//! The inner pipeline, run once for each file: `read` it, `split` it, `count_tokens`, `embed` what comes out.

use std::path::PathBuf;

use ia_telemetry::pipeline::BuildErrors;
use ia_telemetry::prelude::*;
use tokio::fs::{self, File};
use tokio::io::AsyncReadExt;

use crate::index::Terms;
use crate::tokenizer::Tokenizer;

/// The model whose tokens are counted and whose price is estimated.
pub(crate) const MODEL: &str = "text-embedding-3-small";

/// Larger files are not read: what a person wrote is smaller.
const LARGEST_FILE: u64 = 2 << 20;
/// A chunk is about 512 tokens: of prose and code, a token takes four bytes on average.
const CHUNK_BYTES: usize = 512 * 4;
/// How many chunks one call of the model takes.
const BATCH: usize = 64;
/// How many chunks are counted before other work gets a turn; well under a millisecond each.
const SLICE: usize = 4;

/// The text of a file.
#[derive(Clone, Debug)]
pub(crate) struct Text(String);

/// The same, in pieces: chunks for the model, and the words that it holds.
#[derive(Clone, Debug)]
pub(crate) struct Chunks {
    chunks: Vec<String>,
    terms: Terms,
}

/// How many tokens each chunk has.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    tokens: Vec<u64>,
    terms: Terms,
}

/// What is left of a file in the end.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) terms: Terms,
}

/// How often `embed` fails on request.
struct FailRate(f64);

pub(crate) fn pipeline(
    tokenizer: Tokenizer,
    prices: PriceBook,
    fail_rate: f64,
    cores: usize,
) -> Result<Pipeline<PathBuf, Document>, BuildErrors> {
    Pipeline::builder("document")
        .step("read", read)
        .step("split", split)
        .step("count_tokens", count_tokens)
        .step("embed", embed)
        .services(Services::new().insert(tokenizer).insert(FailRate(fail_rate)))
        .prices(prices)
        // Two for each core: while one waits for its file, another one counts.
        .max_concurrent_runs(2 * cores)
        .build()
}

/// Reads a file that is text and not too large. What the system says becomes the `error_type` by itself (`NotFound`,
/// `PermissionDenied`); what only we can tell is given a name.
async fn read(ctx: StepContext, path: PathBuf) -> Result<Text, StepError> {
    ctx.set_attribute("file.path", path.display().to_string());
    // A folder comes here only where `walk` could not open it; opening it again says why.
    let kind = fs::symlink_metadata(&path).await?.file_type();
    if !kind.is_file() && !kind.is_dir() {
        // Opening a pipe would wait for somebody to write into it.
        return Err("is no longer a file").error_type("not_a_file");
    }
    let mut bytes = Vec::new();
    File::open(&path).await?.take(LARGEST_FILE + 1).read_to_end(&mut bytes).await?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(format!("has more than {LARGEST_FILE} bytes")).error_type("too_large");
    }
    if bytes.contains(&0) {
        return Err("has NUL bytes, so it is no text").error_type("binary");
    }
    String::from_utf8(bytes).map(Text).error_type("not_utf8")
}

/// Splits a text into chunks for the model and into words for the index.
async fn split(ctx: StepContext, Text(text): Text) -> Result<Chunks, StepError> {
    let mut chunks = Vec::new();
    let mut rest = &*text;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(chunk_end(rest));
        chunks.push(chunk.to_owned());
        rest = after;
    }
    ctx.items(chunks.len());
    Ok(Chunks { chunks, terms: Terms::of(&text) })
}

/// Where the first chunk of a text ends: after a line, else after a word, else between two characters.
fn chunk_end(text: &str) -> usize {
    let limit = text.floor_char_boundary(CHUNK_BYTES);
    let window = &text[..limit];
    if limit == text.len() {
        return limit;
    }
    let after = |separator: fn(char) -> bool| {
        window.char_indices().rev().find(|(_, c)| separator(*c)).map(|(at, c)| at + c.len_utf8())
    };
    // A short chunk is a waste of a call: half of one is the least.
    let long_enough = |end: &usize| *end > CHUNK_BYTES / 2;
    after(|c| c == '\n')
        .filter(long_enough)
        .or_else(|| after(char::is_whitespace).filter(long_enough))
        .unwrap_or(limit)
}

/// Counts the tokens of each chunk.
async fn count_tokens(
    _: StepContext,
    input: Chunks,
    tokenizer: Service<Tokenizer>,
) -> Result<Counted, StepError> {
    let mut tokens = Vec::with_capacity(input.chunks.len());
    for slice in input.chunks.chunks(SLICE) {
        tokens.extend(slice.iter().map(|chunk| tokenizer.count(chunk)));
        // This is work for the processor, with nothing to wait for: let others in, or they starve.
        tokio::task::yield_now().await;
    }
    Ok(Counted { tokens, terms: input.terms })
}

/// Prices each batch of chunks that would be sent to the model. Nothing is sent.
async fn embed(
    ctx: StepContext,
    input: Counted,
    fail_rate: Service<FailRate>,
) -> Result<Document, StepError> {
    if fastrand::f64() < fail_rate.0 {
        return Err("`--fail` asked for it").error_type("injected");
    }
    for batch in input.tokens.chunks(BATCH) {
        ctx.api_call("openai").model(MODEL).tokens(batch.iter().sum(), 0).estimated().record();
    }
    Ok(Document { terms: input.terms })
}
