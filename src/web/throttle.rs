//! Tries with id and password per network address: ids run in sequence, so one guesser could walk
//! over many ids without locking any. The counts live in memory; a restart forgives a minute.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

const WINDOW: Duration = Duration::from_secs(60);
/// Addresses remembered; beyond that the windows that have passed are forgotten first.
const ADDRESSES_MAX: usize = 100_000;

struct Window {
    began: Instant,
    tries: u32,
}

/// The counts.
pub struct AddressThrottle {
    tries_max: u32,
    windows: Mutex<HashMap<String, Window>>,
}

impl AddressThrottle {
    /// Allows `tries_max` tries a minute; 0 allows any number.
    pub fn new(tries_max: u32) -> AddressThrottle {
        AddressThrottle { tries_max, windows: Mutex::new(HashMap::new()) }
    }

    /// Counts one try; false once the address has had its share of this minute.
    pub fn allows(&self, address: &str) -> bool {
        self.allows_at(address, Instant::now())
    }

    fn allows_at(&self, address: &str, now: Instant) -> bool {
        if self.tries_max == 0 {
            return true;
        }
        let mut windows = self.windows.lock();
        if windows.len() >= ADDRESSES_MAX {
            windows.retain(|_, window| now.duration_since(window.began) < WINDOW);
        }
        let window = windows.entry(address.to_owned()).or_insert(Window { began: now, tries: 0 });
        if now.duration_since(window.began) >= WINDOW {
            *window = Window { began: now, tries: 0 };
        }
        window.tries = window.tries.saturating_add(1);
        window.tries <= self.tries_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_each_minute() {
        let throttle = AddressThrottle::new(2);
        let now = Instant::now();
        let allowed: Vec<bool> = (0..3).map(|_| throttle.allows_at("a", now)).collect();
        assert_eq!(allowed, [true, true, false]);
        assert!(throttle.allows_at("b", now));
        assert!(throttle.allows_at("a", now + WINDOW));
        assert!(AddressThrottle::new(0).allows("a"));
    }
}
