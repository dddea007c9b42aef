use std::io;
use std::path::Path;
use std::rc::Weak;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use breeze_core::files::{BLOCK, block_len};
use breeze_server::driver::SharedHub;
use smol::channel::{self, Receiver};
use smol::{LocalExecutor, Task};

use super::key::Key;
use super::receiving::{Progress, Step};
use super::record::Record;
use super::records::Records;
use super::sending::{Block, Wish};
use super::state::{Done, Job};
use super::transfer::Work;
use crate::files::{
    HashError, Resumed, Sink, SinkError, Source, SourceError, Survey, Tree, Watch, hash,
};
use crate::node::client_machine::ClientMachine;

/// Does what takes time, for as long as the node runs: each stream has a task of its own, and records are
/// written in order.
pub(in crate::node) async fn do_jobs(
    hub: SharedHub<ClientMachine>,
    executor: Weak<LocalExecutor<'static>>,
    records: Records,
    jobs: Receiver<Job>,
) {
    while let Ok(job) = jobs.recv().await {
        let Some(executor) = executor.upgrade() else { return };
        let (hub, records) = (hub.clone(), records.clone());
        match job {
            Job::Save { record } => {
                keep("saved", smol::unblock(move || records.save(&record)).await);
            }
            Job::Forget { key } => {
                keep("removed", smol::unblock(move || records.remove(&key)).await);
            }
            Job::Prepare { key, path, work } => {
                let task = async move {
                    let tree = records.tree(&key);
                    let outcome = smol::unblock(move || prepare(&path, &tree, &work)).await;
                    report_prepared(&hub, key, outcome);
                };
                executor.spawn(task).detach();
            }
            Job::Reopen { record, work } => {
                let task = async move {
                    let key = record.key();
                    let tree = records.tree(&key);
                    let outcome = smol::unblock(move || reopen(&record, &tree, &work)).await;
                    report_prepared(&hub, key, outcome);
                };
                executor.spawn(task).detach();
            }
            Job::Read { key, survey, tree, wishes } => {
                executor.spawn(read_blocks(hub, key, survey, tree, wishes)).detach();
            }
            Job::Open { record, work } => {
                executor.spawn(receive(hub, record, work)).detach();
            }
            Job::Discard { record } => {
                let task = smol::unblock(move || discard(&record));
                executor.spawn(async move { keep("discarded", task.await) }).detach();
            }
        }
    }
}

/// A record that is not kept costs what it would have told after a restart.
fn keep<E: std::fmt::Display>(what: &str, outcome: Result<(), E>) {
    if let Err(error) = outcome {
        log::warn!("a transfer's record or part is not {what}: {error}");
    }
}

fn tell(hub: &SharedHub<ClientMachine>, done: Done) {
    hub.borrow_mut().input(|machine, now| machine.on_file_job(now, done));
}

fn report_prepared(
    hub: &SharedHub<ClientMachine>,
    key: Key,
    outcome: Result<(Survey, Tree), HashError>,
) {
    tell(
        hub,
        match outcome {
            Ok((survey, tree)) => {
                Done::Prepared { key, survey: Arc::new(survey), tree: Box::new(tree) }
            }
            Err(error) => Done::Unprepared { key, code: code(&error), message: error.to_string() },
        },
    );
}

/// What scripts read about a stream that cannot be offered, or sent.
fn code(error: &HashError) -> &'static str {
    match error {
        HashError::Source(error) => match error {
            SourceError::Neither { .. } => "bad_path",
            SourceError::NotText { .. } | SourceError::Name { .. } | SourceError::Clash { .. } => {
                "bad_name"
            }
            SourceError::TooDeep { .. } | SourceError::TooMany { .. } => "too_large",
            SourceError::Missing { .. } | SourceError::Unreadable { .. } => "unreadable",
            SourceError::Changed { .. } => "changed",
        },
        HashError::Tree { .. } => "disk",
        HashError::Cancelled => "cancelled",
    }
}

fn prepare(path: &Path, tree: &Path, work: &Work) -> Result<(Survey, Tree), HashError> {
    let survey = Survey::new(path)?;
    let tree = hash_all(&survey, tree, work)?;
    Ok((survey, tree))
}

fn hash_all(survey: &Survey, tree: &Path, work: &Work) -> Result<Tree, HashError> {
    hash(survey, tree, watch(work, &|done| work.done.store(done, Ordering::Relaxed)))
}

fn watch<'w>(work: &'w Work, progress: &'w (dyn Fn(u64) + Sync)) -> Watch<'w> {
    Watch { progress, cancelled: &work.cancelled }
}

/// Looks whether what was offered is still there: it has to be what it was, or was changed. What is in
/// its place is hashed anew only if the hashes are gone.
fn reopen(record: &Record, tree: &Path, work: &Work) -> Result<(Survey, Tree), HashError> {
    let path = record.path.as_deref().unwrap_or(Path::new(""));
    let survey = Survey::new(path)?;
    let changed = || HashError::Source(SourceError::Changed { path: path.to_owned() });
    if survey.offer(record.root) != record.offer() {
        return Err(changed());
    }
    if let Ok(tree) = Tree::open(tree, record.size, record.root) {
        return Ok((survey, tree));
    }
    let tree = hash_all(&survey, tree, work)?;
    if tree.root() == record.root { Ok((survey, tree)) } else { Err(changed()) }
}

/// Reads blocks as they are wished for.
async fn read_blocks(
    hub: SharedHub<ClientMachine>,
    key: Key,
    survey: Arc<Survey>,
    tree: Box<Tree>,
    wishes: Receiver<Wish>,
) {
    let size = survey.size();
    let mut tools = (Source::new(survey), tree);
    while let Ok(Wish { round, index, mut bytes }) = wishes.recv().await {
        let (outcome, back) = smol::unblock(move || {
            let (source, tree) = &mut tools;
            bytes.resize(block_len(size, index) as usize, 0);
            let outcome = source
                .read_at(index * BLOCK, &mut bytes)
                .map_err(HashError::from)
                .and_then(|_| tree.proof(index))
                .map(|proof| Block { round, index, bytes, proof });
            (outcome, tools)
        })
        .await;
        tools = back;
        match outcome {
            Ok(block) => tell(&hub, Done::Block { key: key.clone(), block }),
            Err(error) => {
                let (code, message) = (code(&error), error.to_string());
                return tell(&hub, Done::Unprepared { key, code, message });
            }
        }
    }
}

/// Opens a part file, and does with it what is asked for.
async fn receive(hub: SharedHub<ClientMachine>, record: Box<Record>, work: Work) {
    let key = record.key();
    let opened = smol::unblock(move || open(&record, &work)).await;
    let (mut sink, start, held) = match opened {
        Ok(Opened::Begun(sink, start, held)) => (sink, start, held),
        Ok(Opened::Finished(path)) => return tell(&hub, Done::Found { key, path }),
        Err(error) => return tell(&hub, Done::Progress { key, progress: failed(&error) }),
    };
    // What waits is bounded by what may be under way.
    let (steps, asked) = channel::unbounded();
    tell(&hub, Done::Opened { key: key.clone(), start, held, steps });
    let mut hurrying: Option<Task<io::Result<()>>> = None;
    while let Ok(first) = asked.recv().await {
        // What has come together meanwhile is done at once.
        let mut steps = vec![first];
        while let Ok(step) = asked.try_recv() {
            steps.push(step);
        }
        // The system tells of a failure once only: here, and not at the end.
        let is_last = steps.iter().any(|step| matches!(step, Step::Finish { .. }));
        if let Some(task) = hurrying.take_if(|task| is_last || task.is_finished())
            && let Err(error) = task.await
        {
            let progress = Progress::Broken { is_malformed: false, message: error.to_string() };
            return tell(&hub, Done::Progress { key, progress });
        }
        let (outcomes, back) = smol::unblock(move || {
            let outcomes = do_steps(&mut sink, steps);
            (outcomes, sink)
        })
        .await;
        sink = back;
        if hurrying.is_none()
            && let Some(write_out) = sink.hurry()
        {
            hurrying = Some(smol::unblock(write_out));
        }
        for outcome in outcomes {
            let is_finished = matches!(outcome, Ok(Progress::Finished { .. }));
            let is_failed = outcome.is_err();
            let progress = outcome.unwrap_or_else(|error| failed(&error));
            tell(&hub, Done::Progress { key: key.clone(), progress });
            if is_finished {
                return keep("tidied", smol::unblock(move || sink.tidy()).await);
            }
            if is_failed {
                return;
            }
        }
    }
}

/// Takes steps until one fails, and says what became of them.
fn do_steps(sink: &mut Sink, steps: Vec<Step>) -> Vec<Result<Progress, SinkError>> {
    let mut outcomes = Vec::with_capacity(steps.len());
    for step in steps {
        let outcome = do_step(sink, step).transpose();
        let is_failed = matches!(outcome, Some(Err(_)));
        outcomes.extend(outcome);
        if is_failed {
            break;
        }
    }
    outcomes
}

enum Opened {
    Begun(Box<Sink>, u64, Vec<u8>),
    Finished(std::path::PathBuf),
}

fn open(record: &Record, work: &Work) -> Result<Opened, SinkError> {
    let folder = record.path.as_deref().unwrap_or(Path::new("."));
    let (id, offer) = (record.key().id(), record.offer());
    let progress = |done| work.done.store(done, Ordering::Relaxed);
    let mut sink = match Sink::resume(folder, id, &offer, watch(work, &progress))? {
        Resumed::Finished(path) => return Ok(Opened::Finished(path)),
        Resumed::Begun(sink) => sink,
        Resumed::Nothing => Box::new(Sink::create(folder, id, &offer)?),
    };
    let start = (sink.verified_blocks() * BLOCK).min(record.size);
    let mut held = vec![0; sink.held() as usize];
    let read = sink.read_at(start, &mut held)?;
    held.truncate(read);
    Ok(Opened::Begun(sink, start, held))
}

fn do_step(sink: &mut Sink, step: Step) -> Result<Option<Progress>, SinkError> {
    match step {
        Step::Write { at, bytes } => {
            sink.write(at, &bytes)?;
            Ok(Some(Progress::Written { upto: sink.position(), spare: bytes }))
        }
        Step::Verified { block, hash } => sink.verified(block, &hash).map(|()| None),
        Step::Rewind { to } => sink.rewind(to).map(|()| None),
        Step::Finish { replace } => {
            sink.finish(replace).map(|path| Some(Progress::Finished { path }))
        }
    }
}

fn failed(error: &SinkError) -> Progress {
    let message = error.to_string();
    match error {
        SinkError::Full { .. } => Progress::Full(message),
        SinkError::Name(_) | SinkError::List(_) | SinkError::Mismatch => {
            Progress::Broken { is_malformed: true, message }
        }
        SinkError::Io { .. }
        | SinkError::Foreign { .. }
        | SinkError::Order { .. }
        | SinkError::Incomplete
        | SinkError::NamesTaken { .. }
        | SinkError::Cancelled => Progress::Broken { is_malformed: false, message },
    }
}

fn discard(record: &Record) -> Result<(), SinkError> {
    let folder = record.path.as_deref().unwrap_or(Path::new("."));
    Sink::discard(folder, record.key().id(), &record.offer())
}
