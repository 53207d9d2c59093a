//! What one document may cost, counted and not timed: the same document ends the same way on every machine.

use gongkai_model::Problem;
use std::cell::Cell;

/// Steps that a document may still take. A step is a character, an element, a line or a cell looked at once: some nanoseconds.
pub(crate) struct Work {
    allowed: u64,
    left: Cell<u64>,
}

impl Work {
    /// So many steps.
    pub(crate) fn new(allowed: u64) -> Self {
        Self { allowed, left: Cell::new(allowed) }
    }

    /// Takes steps, before they are taken.
    ///
    /// # Errors
    /// `limit_work`: there are not so many left. None is left from then on.
    pub(crate) fn spend(&self, steps: usize) -> Result<(), Problem> {
        let left = self.left.get().checked_sub(steps as u64);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or_else(|| self.problem())
    }

    /// Steps for two things that meet: each of one with each of the other.
    ///
    /// # Errors
    /// As for [`Work::spend`].
    pub(crate) fn spend_each(&self, some: usize, others: usize) -> Result<(), Problem> {
        self.spend(some.saturating_mul(others))
    }

    /// What is told of a document that would take more.
    pub(crate) fn problem(&self) -> Problem {
        Problem::unreadable(format!("limit_work: {} steps allowed", self.allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_until_none_are_left() {
        let work = Work::new(10);
        assert!(work.spend(4).is_ok() && work.spend_each(2, 3).is_ok());
        assert_eq!(work.spend(1).unwrap_err().reason, "limit_work: 10 steps allowed");
        let work = Work::new(10);
        assert!(work.spend_each(usize::MAX, 2).is_err() && work.spend(1).is_err());
    }
}
