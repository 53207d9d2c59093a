//! What a person or a scheduler sees of long work: a bar on a terminal, plain lines or JSON lines otherwise. All of
//! it on standard error.

use crate::arguments::LogFormat;
use crate::say::tell;
use gongkai_pipeline::{Breach, Events, Stage, Summary};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Seconds between two plain lines about the same stage.
const LINE_INTERVAL: u64 = 10;

/// Reports the stages of a run.
pub(crate) struct Progress {
    mode: Mode,
    bar: Mutex<ProgressBar>,
    steps: AtomicU64,
    started: Instant,
    /// Seconds after the start at which the next plain line is due.
    due: AtomicU64,
    /// All that was noted, shown or not: for the record of the run.
    notes: Mutex<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Quiet,
    Bar,
    Lines,
    Json,
}

impl Progress {
    pub(crate) fn new(quiet: bool, format: LogFormat) -> Self {
        let mode = match format {
            _ if quiet => Mode::Quiet,
            LogFormat::Json => Mode::Json,
            LogFormat::Text if std::io::stderr().is_terminal() => Mode::Bar,
            LogFormat::Text => Mode::Lines,
        };
        Self {
            mode,
            bar: Mutex::new(ProgressBar::hidden()),
            steps: AtomicU64::new(0),
            started: Instant::now(),
            due: AtomicU64::new(LINE_INTERVAL),
            notes: Mutex::default(),
        }
    }

    fn line(&self, stage: &str, event: &str, done: u64, steps: u64) {
        let seconds = self.started.elapsed().as_secs_f64();
        match self.mode {
            Mode::Json => {
                json(
                    serde_json::json!({"stage": stage, "event": event, "done": done, "steps": steps, "seconds": seconds}),
                );
            }
            Mode::Lines if steps > 0 => tell(&format!("{stage} {done}/{steps} ({seconds:.0} s)")),
            _ => {}
        }
    }

    /// An expectation that does not hold: said even where all else is quiet.
    pub(crate) fn breach(&self, breach: &Breach) {
        match self.mode {
            Mode::Json => {
                json(serde_json::json!({"event": "breach", "message": breach.to_string(), "breach": breach}));
            }
            _ => tell(&format!("gongkai: expectation breached: {breach}")),
        }
    }

    /// The end of a run, for programs.
    pub(crate) fn done(&self, summary: &Summary, status: u8) {
        if self.mode == Mode::Json {
            let published = &summary.published;
            json(serde_json::json!({
                "event": "done", "exit_status": status, "snapshot": published.snapshot, "unchanged": published.unchanged,
                "held_as_candidate": published.held, "captures": summary.met(), "seconds": summary.elapsed.as_secs_f64(),
            }));
        }
    }

    /// What was noted so far.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.lock().map(|notes| notes.clone()).unwrap_or_default()
    }

    fn remember(&self, message: &str) {
        if let Ok(mut notes) = self.notes.lock() {
            notes.push(message.to_owned());
        }
    }

    /// Takes the bar away, so that what follows starts on a clean line.
    pub(crate) fn finish(&self) {
        if let Ok(bar) = self.bar.lock() {
            bar.finish_and_clear();
        }
    }
}

impl Progress {
    fn start(&self, stage: &'static str, steps: usize) {
        self.steps.store(steps as u64, Ordering::Relaxed);
        if self.mode == Mode::Bar {
            let style =
                ProgressStyle::with_template("{msg:10} {wide_bar} {pos}/{len} {per_sec:>12} {eta:>5} left");
            let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
            let bar = match style {
                Ok(style) if steps > 0 => bar.with_style(style),
                _ => bar,
            };
            bar.set_message(stage);
            if let Ok(mut slot) = self.bar.lock() {
                slot.finish_and_clear();
                *slot = bar;
            }
        }
        self.line(stage, "begin", 0, steps as u64);
    }

    fn advance(&self, stage: &str, done: usize) {
        match self.mode {
            Mode::Quiet => {}
            Mode::Bar => {
                if let Ok(bar) = self.bar.lock() {
                    bar.set_position(done as u64);
                }
            }
            Mode::Lines | Mode::Json => {
                let now = self.started.elapsed().as_secs();
                let due = self.due.load(Ordering::Relaxed);
                let next = now + LINE_INTERVAL;
                if now >= due
                    && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
                {
                    self.line(stage, "progress", done as u64, self.steps.load(Ordering::Relaxed));
                }
            }
        }
    }
}

impl Events for Progress {
    fn begin(&self, stage: Stage, steps: usize) {
        self.start(name(stage), steps);
    }

    fn progress(&self, stage: Stage, done: usize) {
        self.advance(name(stage), done);
    }

    fn note(&self, message: &str) {
        self.remember(message);
        match self.mode {
            Mode::Quiet => {}
            Mode::Json => json(serde_json::json!({"event": "note", "message": message})),
            Mode::Bar | Mode::Lines => {
                if let Ok(bar) = self.bar.lock() {
                    bar.suspend(|| tell(&format!("note: {message}")));
                }
            }
        }
    }

    fn warning(&self, message: &str) {
        self.remember(message);
        match self.mode {
            Mode::Json => json(serde_json::json!({"event": "warning", "message": message})),
            Mode::Quiet => tell(&format!("gongkai: warning: {message}")),
            Mode::Bar | Mode::Lines => {
                if let Ok(bar) = self.bar.lock() {
                    bar.suspend(|| tell(&format!("warning: {message}")));
                }
            }
        }
    }
}

impl gongkai_publish::release::Events for Progress {
    fn begin(&self, step: &'static str, parts: usize) {
        self.start(step, parts);
    }

    fn progress(&self, done: usize) {
        self.advance("release", done);
    }
}

/// The end of what failed, for programs.
pub(crate) fn failed(status: u8, message: &str) {
    json(serde_json::json!({"event": "done", "exit_status": status, "error": message}));
}

/// A line for programs, with the time.
fn json(mut line: serde_json::Value) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
    if let Some(fields) = line.as_object_mut() {
        fields.insert("time".to_owned(), crate::time::utc(i64::try_from(now).unwrap_or(0)).into());
    }
    tell(&line.to_string());
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Planning => "planning",
        Stage::Reading => "reading",
        Stage::Publishing => "publishing",
    }
}
