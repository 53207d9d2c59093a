//! A run from its beginning to its end: what is told while it goes on, and the record that tells of it afterwards. Exit status, record and
//! `last.prom` say the same, whatever happens on the way.

use crate::arguments::LogFormat;
use crate::progress::Progress;
use crate::{Failure, Status};
use gongkai_pipeline::{Ending, Events, RunRecord, Stage, Summary};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// One run.
pub(crate) struct Night {
    pub(crate) progress: Progress,
    record: RunRecord,
    begun: AtomicBool,
}

impl Night {
    pub(crate) fn new(store: &Path, command: &'static str, quiet: bool, log_format: LogFormat) -> Self {
        Self {
            progress: Progress::new(quiet, log_format),
            record: RunRecord::new(store, command),
            begun: AtomicBool::new(false),
        }
    }

    /// Does the work of the run and notes how it ended. The work leaves its summary as soon as it has one: more may fail after that.
    pub(crate) fn carry_out(
        &self,
        work: impl FnOnce(&mut Option<Summary>) -> Result<Status, Failure>,
    ) -> Result<Status, Failure> {
        self.leave_word();
        let mut summary = None;
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut summary)));
        self.progress.finish();
        let result = result.unwrap_or_else(|panic| Err(Failure::panicked(&message(panic.as_ref()))));
        let (status, error) = match &result {
            Ok(status) => (*status, None),
            Err(failure) => (failure.status, Some(failure.message.as_str())),
        };
        self.ended(status, summary.as_ref(), error);
        if let (Ok(_), Some(summary)) = (&result, &summary) {
            self.progress.done(summary, status as u8);
        }
        result
    }

    /// Notes a run that was refused before it began.
    pub(crate) fn refused(&self, failure: Failure) -> Failure {
        self.ended(failure.status, None, Some(&failure.message));
        failure
    }

    /// What the record says where a signal ends the program at once.
    fn leave_word(&self) {
        let record = self.record.clone();
        crate::signals::before_the_end(Box::new(move || {
            let error = "interrupted; it could not end by itself in time";
            let status = Status::Failed as u8;
            let _ = record.ended(&Ending { status, error: Some(error), ..Ending::default() });
        }));
    }

    fn ended(&self, status: Status, summary: Option<&Summary>, error: Option<&str>) {
        crate::signals::take_back();
        let notes = self.progress.notes();
        let ending = Ending { status: status as u8, summary, error, notes: &notes, promoted: None };
        if let Err(e) = self.record.ended(&ending) {
            self.progress.warning(&e.to_string());
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

impl Events for Night {
    fn begin(&self, stage: Stage, steps: usize) {
        // From here on the store is there and locked.
        if stage == Stage::Reading && !self.begun.swap(true, Ordering::Relaxed) {
            match self.record.running() {
                Ok(killed) => killed.iter().for_each(|what| self.progress.warning(what)),
                Err(e) => self.progress.warning(&e.to_string()),
            }
        }
        Events::begin(&self.progress, stage, steps);
    }

    fn progress(&self, stage: Stage, done: usize) {
        Events::progress(&self.progress, stage, done);
    }

    fn note(&self, message: &str) {
        self.progress.note(message);
    }

    fn warning(&self, message: &str) {
        self.progress.warning(message);
    }
}

#[cfg(test)]
mod tests {
    use super::Night;
    use crate::arguments::LogFormat;
    use crate::{Failure, Status};
    use gongkai_store::Store;
    use serde_json::Value;
    use std::fs;

    #[test]
    fn record_and_metrics_say_how_a_run_ended_even_by_a_panic() {
        for (status, told) in [(2, "wrong"), (3, "no room"), (101, "broken")] {
            let dir = tempfile::tempdir().unwrap();
            Store::create_or_open(dir.path()).unwrap();
            let night = Night::new(dir.path(), "run", true, LogFormat::Text);
            let ended = night.carry_out(|_| match status {
                2 => Err(Failure::usage(told)),
                3 => Err(Failure::failed(told)),
                _ => std::panic::panic_any("broken"),
            });
            assert_eq!(ended.map_err(|f| f.status as u8), Err::<Status, u8>(status));
            let runs = || fs::read_dir(dir.path().join("runs")).unwrap().map(|e| e.unwrap().path());
            let record = runs().find(|p| p.extension().is_some_and(|e| e == "json")).unwrap();
            let record: Value = serde_json::from_slice(&fs::read(record).unwrap()).unwrap();
            assert_eq!(record["exit_status"], status);
            assert!(record["error"].as_str().unwrap().contains(told), "{record}");
            let metrics = fs::read_to_string(dir.path().join("runs/last.prom")).unwrap();
            assert!(metrics.contains(&format!("\ngongkai_exit_status {status}\n")), "{metrics}");
        }
    }
}
