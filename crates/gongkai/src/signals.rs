//! SIGINT and SIGTERM: the first asks the run to end, a second one ends it at once; so does [`GRACE`], whatever the run is doing then
//! (walking a folder without end, waiting for a library). Either way nothing half is published: a run may be killed at any moment.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// How long a run may take to end by itself. Whoever sent the signal sees it end within three seconds.
#[cfg(unix)]
const GRACE: std::time::Duration = std::time::Duration::from_millis(2200);
/// How long its record is waited for then.
#[cfg(unix)]
const WRITING: std::time::Duration = std::time::Duration::from_millis(500);

/// What is to be noted when the program is ended at once; `None` once the run came to its end by itself.
static LAST_WORD: OnceLock<Mutex<Option<LastWord>>> = OnceLock::new();

type LastWord = Box<dyn FnOnce() + Send>;

/// Notes this before the program is ended at once, unless it is taken back.
pub(crate) fn before_the_end(word: LastWord) {
    let place = LAST_WORD.get_or_init(Mutex::default);
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(word);
}

/// The run notes by itself how it ended.
pub(crate) fn take_back() {
    drop(last_word());
}

fn last_word() -> Option<LastWord> {
    LAST_WORD.get()?.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A flag that is set by the first signal.
pub(crate) fn stop() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // In this order: the flag is looked at before it is set. Without the handler a signal ends the program as ever.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 3, Arc::clone(&stop));
        let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    #[cfg(unix)]
    watch(&stop);
    stop
}

#[cfg(unix)]
fn watch(stop: &Arc<AtomicBool>) {
    use std::sync::atomic::Ordering;
    use std::time::Duration;
    const LOOK: Duration = Duration::from_millis(100);
    let stop = Arc::clone(stop);
    let watch = move || {
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK);
        }
        std::thread::sleep(GRACE);
        // The disk may be what is waited for.
        let (sender, written) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            if let Some(word) = last_word() {
                word();
            }
            let _ = sender.send(());
        });
        let _ = written.recv_timeout(WRITING);
        crate::say::tell(
            "gongkai: interrupted; it could not end by itself in time, so what was read and not saved is read again",
        );
        signal_hook::low_level::exit(3);
    };
    // Without the thread a signal still asks, and a second one still ends.
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(watch);
}
