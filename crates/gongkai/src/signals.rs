//! SIGINT and SIGTERM: the first asks the run to end, a second one ends it at once. Either way nothing half is published.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A flag that is set by the first signal.
pub(crate) fn stop() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // In this order: the flag is looked at before it is set. Without the handler a signal ends the program as ever.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 3, Arc::clone(&stop));
        let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    stop
}
