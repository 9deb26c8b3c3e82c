//! A circuit breaker: what failed too often in a row is left alone for a while, and then tried once.

use crate::error::{Error, ErrorCode};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerParams {
    /// Failures in a row that open it.
    pub failures: f64,
    /// Milliseconds that it stays open.
    pub open_ms: f64,
}

impl Default for BreakerParams {
    /// Those of the clients of the service before this one.
    fn default() -> Self {
        BreakerParams { failures: 3.0, open_ms: 30_000.0 }
    }
}

/// The state of one engine's breaker: three numbers, which a host may keep where it likes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Breaker {
    /// Failures in a row.
    pub failures: f64,
    /// Until when nothing is tried, milliseconds on the host's clock.
    pub open_until: f64,
    /// Until when one try is waited for that decides whether it closes.
    pub probe_until: f64,
}

impl Breaker {
    /// Lets a try begin, or says why not. Once the time is over one try decides for all.
    ///
    /// # Errors
    /// `circuit-open`.
    pub fn admit(&mut self, params: &BreakerParams, now: f64) -> Result<(), Error> {
        if self.open_until == 0.0 {
            return Ok(());
        }
        let until = self.open_until.max(self.probe_until);
        if now < until {
            let seconds = ((until - now) / 1000.0).ceil() as u64;
            let message = format!("it failed too often just now, and is tried again in {seconds} s");
            return Err(Error::new(ErrorCode::CircuitOpen, message));
        }
        // One whose outcome is never heard of must not keep it open for good.
        self.probe_until = now + params.open_ms;
        Ok(())
    }

    /// A try worked.
    pub fn succeeded(&mut self) {
        *self = Breaker::default();
    }

    /// A try failed; `wait_ms` is how long the other side asks to be left alone, where it does.
    pub fn failed(&mut self, params: &BreakerParams, wait_ms: Option<f64>, now: f64) {
        self.failures += 1.0;
        self.probe_until = 0.0;
        let wait = wait_ms.filter(|wait| *wait > 0.0).map(|wait| wait.min(MOST_WAIT));
        if self.failures >= params.failures || wait.is_some() {
            self.open_until = now + wait.unwrap_or(params.open_ms);
        }
    }

    /// A try ended without saying anything: its caller gave up, or its input was at fault.
    pub fn ended(&mut self) {
        self.probe_until = 0.0;
    }
}

/// The longest that another side is left alone at its own wish, milliseconds.
const MOST_WAIT: f64 = 300_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: BreakerParams = BreakerParams { failures: 3.0, open_ms: 30_000.0 };

    fn open(breaker: &mut Breaker, now: f64) -> bool {
        breaker.admit(&PARAMS, now).is_err()
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_one_success_closes_it() {
        let mut breaker = Breaker::default();
        for now in [0.0, 1.0] {
            breaker.failed(&PARAMS, None, now);
            assert!(!open(&mut breaker, now));
        }
        breaker.succeeded();
        for now in [2.0, 3.0, 4.0] {
            assert!(!open(&mut breaker, now));
            breaker.failed(&PARAMS, None, now);
        }
        assert!(open(&mut breaker, 5.0) && open(&mut breaker, 30_003.0));
        // Half open: one try is let through, the others wait for it.
        assert!(!open(&mut breaker, 30_004.0) && open(&mut breaker, 30_005.0));
        breaker.failed(&PARAMS, None, 31_000.0);
        assert!(open(&mut breaker, 60_999.0) && !open(&mut breaker, 61_000.0));
        breaker.succeeded();
        assert!(!open(&mut breaker, 61_001.0) && breaker == Breaker::default());
    }

    #[test]
    fn a_try_that_is_never_heard_of_does_not_keep_it_open() {
        let mut breaker = Breaker { failures: 3.0, open_until: 100.0, probe_until: 0.0 };
        assert!(!open(&mut breaker, 100.0) && open(&mut breaker, 200.0));
        assert!(!open(&mut breaker, 30_100.0));
        // One that says nothing gives its place to the next at once.
        breaker.ended();
        assert!(!open(&mut breaker, 30_101.0));
    }

    #[test]
    fn who_asks_to_be_left_alone_is() {
        let mut breaker = Breaker::default();
        breaker.failed(&PARAMS, Some(2000.0), 0.0);
        assert!(open(&mut breaker, 1999.0) && !open(&mut breaker, 2000.0));
        for wait in [-5.0, 0.0, f64::NAN] {
            let mut breaker = Breaker::default();
            breaker.failed(&PARAMS, Some(wait), 0.0);
            assert!(!open(&mut breaker, 1.0), "{wait}");
        }
        let mut forever = Breaker::default();
        forever.failed(&PARAMS, Some(f64::INFINITY), 0.0);
        assert!(!open(&mut forever, MOST_WAIT));
    }
}
