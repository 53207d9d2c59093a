//! A last resort: what is read by libraries that cannot be stopped is not waited for without end.
//!
//! What a document may cost is counted, so that it ends the same way everywhere; a clock would let the speed of the machine
//! decide what is in the data. Only a fault of the counting, or of a library, lets this clock run out. So it is far away, what
//! it ends is a failure of the program and no property of the document, and the next run tries again. See
//! `docs/decisions/0017-work.md`.

use gongkai_model::{CaptureStatus, Problem};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// How long one document is waited for: many times what the slowest that may be read takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// The reason of what took longer.
pub(crate) const TIME_LIMIT: &str = "time_limit";
/// The reason of what a helper was reading when the system ended it, as it does when it is short of memory.
pub(crate) const KILLED: &str = "killed";
/// Room for the recursion of libraries.
const STACK: usize = 8 << 20;

/// Does something on a thread of its own. After a time it is left to itself: a thread cannot be ended, but the run goes on.
///
/// # Errors
/// `time_limit`, or no thread could be had.
pub(crate) fn watched<T: Send + 'static>(
    patience: Duration,
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let failed = |reason: String| Problem { status: CaptureStatus::Failed, reason };
    let (sender, receiver) = sync_channel(1);
    let work = move || drop(sender.send(catch_unwind(AssertUnwindSafe(read))));
    let thread = thread::Builder::new().stack_size(STACK).spawn(work);
    thread.map_err(|error| failed(format!("no_thread: {}", error.kind())))?;
    match receiver.recv_timeout(patience) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panic)) => resume_unwind(panic),
        Err(RecvTimeoutError::Timeout) => Err(failed(format!("{TIME_LIMIT}: {} s", patience.as_secs()))),
        Err(RecvTimeoutError::Disconnected) => Err(failed("panic: no message".to_owned())),
    }
}

/// Whether another try may end otherwise.
pub(crate) fn may_end_otherwise(problem: &Problem) -> bool {
    [TIME_LIMIT, "no_thread", KILLED].iter().any(|reason| problem.reason.starts_with(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_is_handed_over_and_what_does_not_is_left() {
        assert_eq!(watched(PATIENCE, || 7).unwrap(), 7);
        let (held, wait) = std::sync::mpsc::channel::<()>();
        let problem = watched(Duration::from_millis(1), move || wait.recv().is_ok()).unwrap_err();
        assert_eq!((problem.status, problem.reason.as_str()), (CaptureStatus::Failed, "time_limit: 0 s"));
        assert!(may_end_otherwise(&problem) && !may_end_otherwise(&Problem::unreadable("damaged: pdf")));
        drop(held);
        let panic = catch_unwind(|| watched(PATIENCE, || -> bool { std::panic::panic_any("broken") }));
        assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "broken");
    }
}
