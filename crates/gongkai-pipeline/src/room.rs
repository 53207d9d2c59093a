//! Memory for what is done side by side: who needs more than is free waits for the others.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Memory that reading a document takes, as a multiple of its size: its bytes, its text, its tree, what is read of it.
const OF_A_DOCUMENT: u64 = 16;
/// Memory that building a partition takes: a portion of its reports, and the writers of its files.
const OF_A_PARTITION: u64 = 48 << 20;

/// So many bytes for all; without a bound nobody waits.
pub(crate) struct Room {
    all: Option<u64>,
    taken: Mutex<u64>,
    left: Condvar,
}

/// A place in the room, given back when it is dropped.
pub(crate) struct Taken<'r> {
    room: &'r Room,
    bytes: u64,
}

impl Room {
    pub(crate) fn of(all: Option<u64>) -> Self {
        Self { all, taken: Mutex::new(0), left: Condvar::new() }
    }

    /// Waits until a document of this size can be read. One that is too large for the room is read alone.
    pub(crate) fn for_document(&self, size: u64) -> Taken<'_> {
        let all = self.all.unwrap_or(u64::MAX);
        let bytes = size.saturating_mul(OF_A_DOCUMENT).min(all);
        let mut taken = self.taken();
        while taken.saturating_add(bytes) > all {
            taken = self.left.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken = taken.saturating_add(bytes);
        Taken { room: self, bytes }
    }

    /// Partitions that can be built side by side.
    pub(crate) fn partitions(&self, threads: usize) -> usize {
        let fit = self.all.map_or(u64::MAX, |all| all / OF_A_PARTITION);
        usize::try_from(fit).unwrap_or(usize::MAX).clamp(1, threads.max(1))
    }

    fn taken(&self) -> MutexGuard<'_, u64> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        *taken = taken.saturating_sub(self.bytes);
        self.room.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn documents_side_by_side_stay_within_the_room_and_large_ones_are_alone() {
        let room = Room::of(Some(64 << 20));
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for thread in 0..8_u64 {
                let (room, now, most) = (&room, &now, &most);
                scope.spawn(move || {
                    for i in 0..50_u64 {
                        // 1, 2 or 3 MiB, sometimes one that alone is more than the room has.
                        let size =
                            if (thread + i) % 16 == 0 { 1 << 30 } else { (1 + (thread + i) % 3) << 20 };
                        let held = room.for_document(size);
                        let bytes = (size * OF_A_DOCUMENT).min(64 << 20);
                        most.fetch_max(now.fetch_add(bytes, Ordering::SeqCst) + bytes, Ordering::SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(bytes, Ordering::SeqCst);
                        drop(held);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 64 << 20);
        assert_eq!(*room.taken(), 0);
    }

    #[test]
    fn without_a_bound_nobody_waits() {
        let room = Room::of(None);
        let all: Vec<_> = (0..4).map(|_| room.for_document(u64::MAX)).collect();
        assert_eq!((all.len(), room.partitions(6)), (4, 6));
        assert_eq!(Room::of(Some(1)).partitions(6), 1);
        assert_eq!(Room::of(Some(100 << 20)).partitions(6), 2);
    }
}
