//! How long and how rough a run is.

use std::time::Duration;

const LONG: Duration = Duration::from_secs(30);

/// A run; short by default, as a part of all tests.
pub struct Plan {
    /// How long customers begin transfers.
    pub work: Duration,
    /// Servers killed meanwhile.
    pub kills: u32,
    /// Crashes of the database meanwhile, where it is a server of its own.
    pub crashes: u32,
    /// Servers at work.
    pub servers: usize,
    /// Of all random choices.
    pub seed: u64,
}

impl Plan {
    /// From `MADOGUCHI_TEST_BANK_SECONDS`, `_KILLS`, `_CRASHES` and `_SEED`.
    pub fn read() -> Plan {
        let number = |name: &str, default: u64| {
            let text = std::env::var(format!("MADOGUCHI_TEST_BANK_{name}"));
            text.map_or(default, |text| text.parse().unwrap())
        };
        let is_postgres = is_postgres();
        let random = getrandom::u64().unwrap();
        Plan {
            work: Duration::from_secs(number("SECONDS", 6)),
            kills: u32::try_from(number("KILLS", 2)).unwrap(),
            crashes: if is_postgres { u32::try_from(number("CRASHES", 1)).unwrap() } else { 0 },
            servers: if is_postgres { 2 } else { 1 },
            seed: number("SEED", random % 1_000_000),
        }
    }

    /// Whether it is more than a part of all tests.
    pub fn is_long(&self) -> bool {
        self.work >= LONG
    }
}

/// Whether this run is on PostgreSQL.
pub fn is_postgres() -> bool {
    std::env::var_os("MADOGUCHI_TEST_POSTGRES_URL").is_some()
}

/// Random numbers that a seed repeats (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// Dice of their own for each `number`.
    pub fn new(seed: u64, number: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number << 40))
    }

    /// From 0 to `sides` - 1.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % sides
    }
}
