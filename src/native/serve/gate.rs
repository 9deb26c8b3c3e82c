//! Who may work now: so many photos at once, so many that wait, and for the next a refusal at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The gate before the analysis.
pub struct Gate {
    work: Arc<Semaphore>,
    /// Who works or waits.
    inside: Arc<AtomicUsize>,
    most: usize,
}

/// A place inside: given back when it is dropped.
pub struct Place {
    inside: Arc<AtomicUsize>,
    work: Arc<Semaphore>,
}

/// A turn to work.
pub struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.inside.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Gate {
    /// A gate for `work` at once and `queue` that wait.
    pub fn new(work: usize, queue: usize) -> Gate {
        Gate { work: Arc::new(Semaphore::new(work)), inside: Arc::default(), most: work.saturating_add(queue) }
    }

    /// A place to wait in; `None` where all are taken.
    pub fn enter(&self) -> Option<Place> {
        let room = |inside: usize| (inside < self.most).then_some(inside + 1);
        self.inside.fetch_update(Ordering::AcqRel, Ordering::Acquire, room).ok()?;
        Some(Place { inside: Arc::clone(&self.inside), work: Arc::clone(&self.work) })
    }

    /// Whether the next would get a place.
    pub fn has_room(&self) -> bool {
        self.inside() < self.most
    }

    /// How many work or wait.
    pub fn inside(&self) -> usize {
        self.inside.load(Ordering::Acquire)
    }
}

impl Place {
    /// Waits for a turn; `None` where none comes in time.
    pub async fn turn(self, most: Duration) -> Option<Turn> {
        let permit = tokio::time::timeout(most, Arc::clone(&self.work).acquire_owned()).await.ok()?.ok()?;
        Some(Turn { _permit: permit, _place: self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn so_many_work_so_many_wait_and_the_next_is_refused() {
        let gate = Gate::new(1, 1);
        let working = gate.enter().unwrap().turn(Duration::from_secs(1)).await.unwrap();
        let waiting = gate.enter().unwrap();
        assert!(gate.enter().is_none());
        assert_eq!(gate.inside(), 2);
        // Who waits too long leaves, and another may come in.
        assert!(waiting.turn(Duration::from_millis(5)).await.is_none());
        let waiting = gate.enter().unwrap();
        drop(working);
        assert!(waiting.turn(Duration::from_millis(5)).await.is_some());
        assert_eq!(gate.inside(), 0);
    }
}
