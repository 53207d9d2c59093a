//! `gongkai worker`.

use super::ingest::fields;
use crate::arguments::{Worker, WorkerPlan, WorkerRead};
use crate::{Failure, Status, say};
use gongkai_input::InputOptions;
use gongkai_pipeline::{WorkerError, WorkerOptions, serve, worker_plan, worker_read};
use gongkai_registry::Registry;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Lists, reads, or helps to read.
pub(crate) fn run(registry: &Registry, data: Option<&Path>, worker: &Worker) -> Result<Status, Failure> {
    match worker {
        Worker::Plan(options) => plan(options),
        Worker::Read(options) => read(registry, data, options),
        Worker::Helper => help(registry),
    }
}

fn plan(options: &WorkerPlan) -> Result<Status, Failure> {
    let part = options.part.as_deref().map(part).transpose()?;
    let input = InputOptions { follow_links: options.follow_links, ..InputOptions::default() };
    worker_plan(&options.inputs, &input, part, io::stdout().lock(), &note).map_err(failure)?;
    Ok(Status::Done)
}

/// `3/40`: the third of forty.
fn part(text: &str) -> Result<(usize, usize), Failure> {
    let parsed = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    parsed
        .filter(|(i, n)| (1..=*n).contains(i))
        .ok_or_else(|| Failure::usage(format!("--part {text}: write I/N, such as 3/40, with I from 1 to N")))
}

fn read(registry: &Registry, data: Option<&Path>, options: &WorkerRead) -> Result<Status, Failure> {
    let program = std::env::current_exe().map_err(Failure::failed)?;
    let helper = || {
        let mut command = Command::new(&program);
        data.iter().for_each(|data| _ = command.arg("--data").arg(data));
        command.args(["worker", "helper"]);
        command
    };
    let job = WorkerOptions {
        input: InputOptions {
            max_bytes: options.max_size * 1024 * 1024,
            fields: fields(&options.field)?,
            ..InputOptions::default()
        },
        helpers: options.helpers.into(),
        sources: !options.no_sources,
        patience: Duration::from_secs(options.patience),
        build: None,
    };
    worker_read(registry, &job, &helper, io::stdin(), io::stdout().lock(), &note).map_err(failure)?;
    Ok(Status::Done)
}

fn help(registry: &Registry) -> Result<Status, Failure> {
    // A document that panics ends as `failed` with its message; the default report on standard error says less.
    std::panic::set_hook(Box::new(|_| {}));
    serve(registry, io::stdin().lock(), io::stdout().lock(), &|_| {}).map_err(Failure::failed)?;
    Ok(Status::Done)
}

fn note(message: &str) {
    say::tell(&format!("note: {message}"));
}

fn failure(error: WorkerError) -> Failure {
    if error.is_usage() { Failure::usage(error) } else { Failure::failed(error) }
}
