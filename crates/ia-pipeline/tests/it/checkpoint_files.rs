//! Checkpoints in files, whole and broken.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ia_pipeline::{
    CheckpointStore, FileStore, Flow, MemoryStore, Pipeline, ResumeError, RunId, StepContext,
    StoreError, Usd, usd,
};

use crate::probe::{double, fail, same};

/// A folder that is removed again.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ia-pipeline-{name}-{}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        Self(path)
    }

    fn store(&self) -> FileStore {
        FileStore::open(&self.0).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn failing(folder: &Folder) -> Pipeline<u32, u32> {
    Pipeline::builder("p")
        .step("a", double)
        .checkpoint()
        .step("b", fail)
        .enable_telemetry(false)
        .checkpoint_store(folder.store())
        .build()
        .unwrap()
}

async fn checkpoint(folder: &Folder) -> (RunId, PathBuf) {
    let id = failing(folder).run(1).await.unwrap_err().id();
    let [file] = &folder.files()[..] else { panic!("{:?}", folder.files()) };
    (id, folder.0.join(file))
}

#[tokio::test]
async fn there_is_one_file_for_each_run_and_none_when_it_has_succeeded() {
    let folder = Folder::new("one");
    let (id, file) = checkpoint(&folder).await;
    assert_eq!(file.file_name().unwrap().to_str().unwrap(), format!("{id}.2.checkpoint"));
    assert_eq!(folder.store().runs().await.unwrap(), [id]);
    let pipeline = Pipeline::builder("p")
        .step("a", double)
        .checkpoint()
        .step("b", same)
        .enable_telemetry(false)
        .checkpoint_store(folder.store())
        .build()
        .unwrap();
    assert_eq!(pipeline.resume(id).await.unwrap().await.unwrap().output, 2);
    assert_eq!(folder.files(), [""; 0]);
}

#[tokio::test]
async fn two_savers_of_one_revision_are_told_apart() {
    let folder = Folder::new("two");
    let (first, second) = (folder.store(), folder.store());
    let run: RunId = "00000000000000ff".parse().unwrap();
    let mut saved = 0;
    for revision in 1..20 {
        let save = |store: FileStore| async move { store.save(run, revision, vec![1]).await };
        let both = tokio::join!(save(first.clone()), save(second.clone()));
        match both {
            (Ok(()), Err(StoreError::Conflict)) | (Err(StoreError::Conflict), Ok(())) => saved += 1,
            both => panic!("{both:?}"),
        }
        assert!(matches!(first.save(run, revision, vec![2]).await, Err(StoreError::Conflict)));
    }
    assert_eq!(saved, 19);
    assert_eq!(folder.files(), [format!("{run}.19.checkpoint")]);
    first.remove(run).await.unwrap();
    assert_eq!(second.load(run).await.unwrap(), None);
}

#[test]
fn a_store_works_outside_of_a_runtime() {
    let folder = Folder::new("outside");
    let run: RunId = "00000000000000ff".parse().unwrap();
    futures_util::FutureExt::now_or_never(folder.store().save(run, 1, b"abc".to_vec()))
        .unwrap()
        .unwrap();
    let loaded = futures_util::FutureExt::now_or_never(folder.store().load(run)).unwrap().unwrap();
    assert_eq!(loaded.as_deref(), Some(&b"abc"[..]));
}

#[tokio::test]
async fn a_checkpoint_that_is_cut_short_anywhere_is_refused() {
    let folder = Folder::new("torn");
    let (id, file) = checkpoint(&folder).await;
    let whole = fs::read(&file).unwrap();
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        let error = failing(&folder).resume(id).await.unwrap_err();
        assert!(matches!(error, ResumeError::Torn { .. }), "{length}: {error}");
        assert!(error.to_string().contains("remove it and run anew"), "{error}");
    }
}

#[tokio::test]
async fn a_checkpoint_with_any_byte_changed_is_refused() {
    let folder = Folder::new("flipped");
    let (id, file) = checkpoint(&folder).await;
    let whole = fs::read(&file).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let error = failing(&folder).resume(id).await.unwrap_err();
        assert!(
            matches!(error, ResumeError::Torn { .. } | ResumeError::Version { .. }),
            "{at}: {error}"
        );
    }
    fs::write(&file, &whole).unwrap();
    assert!(failing(&folder).resume(id).await.is_ok(), "what was refused is as it was");
}

#[tokio::test]
async fn a_checkpoint_of_another_version_is_refused() {
    let folder = Folder::new("version");
    let (id, file) = checkpoint(&folder).await;
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("checkpoint 1 ", "checkpoint 2 ", 1)).unwrap();
    let error = failing(&folder).resume(id).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the checkpoint of run {id} has version 2, and this build reads version 1; resume it with the build that wrote it"
        )
    );
}

#[tokio::test]
async fn a_checkpoint_of_another_pipeline_is_refused() {
    let folder = Folder::new("other");
    let (id, _) = checkpoint(&folder).await;
    let build = |name: &str, flow: Flow| {
        Pipeline::builder(name)
            .step("a", double)
            .checkpoint()
            .step("b", same)
            .flow(flow)
            .enable_telemetry(false)
            .checkpoint_store(folder.store())
            .build()
            .unwrap()
    };
    let other = build("q", Flow::start("a").then("b")).resume(id).await.unwrap_err();
    assert_eq!(
        other.to_string(),
        format!("run {id} is one of pipeline `p`, not of `q`; resume it there")
    );
    let changed = Flow::start("a").when("a", |_: &u32| true, "b").otherwise("a", Flow::END);
    let changed = build("p", changed).resume(id).await.unwrap_err();
    assert!(matches!(changed, ResumeError::Changed { .. }), "{changed}");
}

#[tokio::test]
async fn a_saved_value_of_another_type_is_refused_with_its_step() {
    let folder = Folder::new("value");
    let (id, _) = checkpoint(&folder).await;
    async fn text(_: StepContext, n: u32) -> Result<String, io::Error> {
        Ok(n.to_string())
    }
    async fn length(_: StepContext, text: String) -> Result<usize, io::Error> {
        Ok(text.len())
    }
    let pipeline = Pipeline::builder("p")
        .step("a", text)
        .checkpoint()
        .step("b", length)
        .enable_telemetry(false)
        .checkpoint_store(folder.store())
        .build()
        .unwrap();
    let error = pipeline.resume(id).await.unwrap_err();
    assert!(
        error.to_string().starts_with("what step `a` gave cannot be read from the checkpoint: invalid type: integer `2`, expected a string"),
        "{error}"
    );
}

#[tokio::test]
async fn a_folder_that_is_gone_is_an_error_with_its_name() {
    let folder = Folder::new("gone");
    let (id, _) = checkpoint(&folder).await;
    let pipeline = failing(&folder);
    fs::remove_dir_all(&folder.0).unwrap();
    let error = pipeline.resume(id).await.unwrap_err();
    assert!(error.to_string().contains("ia-pipeline-gone"), "{error}");
}

const STEPS: u32 = 10;

/// Ten steps, each of which reports its number of items and as many cents. Where `halt` says so, one of them tells that
/// it has begun, after it has paid, and never ends.
fn paying(folder: &Path, halt: Option<u32>) -> Pipeline<u32, u32> {
    let step = move |ctx: StepContext, n: u32| async move {
        ctx.items(n as usize);
        ctx.api_call("maps").cost(Usd::from_nanos(i64::from(n) * 10_000_000)).record();
        if halt == Some(n) {
            writeln!(io::stdout(), "halted")?;
            std::future::pending::<()>().await;
        }
        Ok::<_, io::Error>(n + 1)
    };
    let store = FileStore::open(folder).unwrap();
    let mut builder =
        Pipeline::builder("paying").step("step_1", step).checkpoint().checkpoint_store(store);
    for number in 2..=STEPS {
        builder = builder.step(format!("step_{number}"), step).checkpoint();
    }
    builder.enable_telemetry(false).build().unwrap()
}

/// What the test below starts as a process of its own. By itself it does nothing.
#[tokio::test]
async fn a_process_to_be_killed() {
    let Some(folder) = std::env::var_os("IA_PIPELINE_KILLED") else { return };
    paying(Path::new(&folder), Some(6)).run(1).await.unwrap();
}

#[tokio::test]
async fn a_run_whose_process_was_killed_comes_to_the_true_items_and_dollars() {
    let folder = Folder::new("killed");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "checkpoint_files::a_process_to_be_killed", "--nocapture"])
        .env("IA_PIPELINE_KILLED", &folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let halted = lines.map_while(Result::ok).any(|line| line.ends_with("halted"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(halted, "the child came to its sixth step");
    let runs = folder.store().runs().await.unwrap();
    let [id] = runs[..] else { panic!("{runs:?}") };
    let run = paying(&folder.0, None).resume(id).await.unwrap().await.unwrap();
    assert_eq!((run.output, run.items, run.cost), (11, 55, usd("0.55")));
    let restored = run.steps.iter().filter(|step| step.restored).count();
    assert_eq!((restored, run.steps.len()), (5, STEPS as usize));
}

#[tokio::test]
async fn numbers_that_cannot_be_are_refused_though_the_checksum_is_right() {
    let folder = Folder::new("absurd");
    let (id, file) = checkpoint(&folder).await;
    let whole = fs::read_to_string(&file).unwrap();
    let body = whole.split_once('\n').unwrap().1;
    for (right, wrong) in [
        (r#""step":0"#, r#""step":99"#),
        (r#""ahead":[0]"#, r#""ahead":[99]"#),
        (r#""back":null"#, r#""back":99"#),
        (r#""back":null"#, r#""back":0"#),
        (r#""sequence":1"#, r#""sequence":18446744073709551615"#),
        (r#""questions":[]"#, r#""questions":[{"step":9,"number":0,"nonce":1,"text":"?"}]"#),
    ] {
        assert!(body.contains(right), "{right} in {body}");
        let body = body.replacen(right, wrong, 1);
        let head = format!(
            "ia-pipeline-checkpoint 1 {} {:08x}",
            body.len(),
            crc32fast::hash(body.as_bytes())
        );
        fs::write(&file, format!("{head}\n{body}")).unwrap();
        let error = failing(&folder).resume(id).await.unwrap_err();
        assert!(matches!(error, ResumeError::Torn { .. }), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn files_of_others_are_left_alone() {
    let folder = Folder::new("others");
    let (id, _) = checkpoint(&folder).await;
    for name in [format!("{id}.0099.checkpoint"), format!("{id}.+98.checkpoint"), "x".into()] {
        fs::write(folder.0.join(name), "").unwrap();
    }
    fs::create_dir(folder.0.join(format!("{id}.97.checkpoint"))).unwrap();
    let pipeline = failing(&folder);
    assert!(pipeline.resume(id).await.is_ok());
    assert_eq!(folder.store().runs().await.unwrap(), [id]);
}

#[tokio::test]
async fn a_revision_is_taken_in_place_of_the_one_before_it_alone() {
    async fn takes_one_after_the_other(store: impl CheckpointStore) {
        let run: RunId = "00000000000000ff".parse().unwrap();
        let conflicts = async |revision| {
            matches!(store.save(run, revision, vec![]).await, Err(StoreError::Conflict))
        };
        assert!(conflicts(2).await, "the first is missing");
        store.save(run, 1, vec![1]).await.unwrap();
        assert!(conflicts(3).await, "the second is missing");
        store.save(run, 2, vec![2]).await.unwrap();
        assert!(conflicts(2).await, "it is there");
        store.remove(run).await.unwrap();
        assert!(conflicts(3).await, "the run has been finished");
        assert_eq!(store.runs().await.unwrap(), []);
    }
    let folder = Folder::new("order");
    takes_one_after_the_other(folder.store()).await;
    takes_one_after_the_other(MemoryStore::new()).await;
}
