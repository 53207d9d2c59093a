//! The binary: arguments, exit status, what people see. Results go to standard output, everything else to standard
//! error.

mod arguments;
mod commands;
mod near;
mod place;
mod progress;
mod say;
mod signals;
mod table;
mod time;

use arguments::{Arguments, Command, LogFormat};
use clap::Parser;
use std::process::ExitCode;

/// Documents are read into many small pieces that live briefly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit status, as the contract fixes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done.
    Done = 0,
    /// Done, and something that was checked does not hold.
    Breached = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// The run failed and nothing was published.
    Failed = 3,
    /// The program itself is at fault.
    Panicked = 101,
}

/// Why a command ends early: what to print, and with which status to leave.
pub(crate) struct Failure {
    status: Status,
    message: String,
}

impl Failure {
    /// Wrong usage or configuration.
    pub(crate) fn usage(message: impl ToString) -> Self {
        Self { status: Status::Usage, message: message.to_string() }
    }

    /// A check does not hold, and so nothing was done.
    pub(crate) fn breached(message: impl ToString) -> Self {
        Self { status: Status::Breached, message: message.to_string() }
    }

    /// The program itself is at fault.
    pub(crate) fn panicked(message: &str) -> Self {
        let message = format!("a fault of the program, please report it: {message}");
        Self { status: Status::Panicked, message }
    }

    /// The run failed.
    pub(crate) fn failed(message: impl ToString) -> Self {
        Self { status: Status::Failed, message: message.to_string() }
    }
}

fn main() -> ExitCode {
    // clap leaves with status 2 on wrong usage, 0 after --help, as the contract asks.
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(status) => ExitCode::from(status as u8),
        Err(failure) => {
            match arguments.command.log_format() {
                LogFormat::Json => progress::failed(failure.status as u8, &failure.message),
                LogFormat::Text => say::tell_all(&format!("gongkai: {}", failure.message)),
            }
            ExitCode::from(failure.status as u8)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let registry = commands::registry(arguments.data.as_deref())?;
    match &arguments.command {
        Command::Ingest(options) => commands::ingest::run(registry, options),
        Command::Worker(worker) => commands::worker::run(registry, arguments.data.as_deref(), worker),
        Command::Inspect(options) => commands::inspect::run(registry, options),
        Command::Trace(options) => commands::trace::run(registry, options),
        Command::Run(options) => commands::run::run(registry, options),
        Command::Log(options) => commands::snapshots::log(options),
        Command::Diff(options) => commands::snapshots::diff(registry, options),
        Command::Report(options) => commands::report::run(registry, options),
        Command::Gc(options) => commands::snapshots::gc(options),
        Command::Tag(options) => commands::snapshots::tag(options),
        Command::Promote(options) => commands::snapshots::promote(registry, options),
        Command::Check(options) => commands::check::run(registry, options),
        Command::Release(options) => commands::release::run(registry, options),
        Command::Export(options) => commands::export::run(registry, options),
        Command::Sql(options) => commands::sql::run(options),
        Command::Schema(options) => commands::schema::run(registry, options),
        Command::Rules => commands::rules::list(registry),
        Command::Explain { code } => commands::rules::explain(registry, code),
    }
}
