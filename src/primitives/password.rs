//! Login and confirming secrets: Argon2id (RFC 9106) on threads of its own.
//!
//! The pool has as many threads as the machine has cores, runs niced (a page is never kept waiting
//! by hashes), takes a bounded number of jobs, and each thread keeps its 19 MiB of work memory.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, LazyLock};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use parking_lot::Mutex;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::primitives::ids::random_bytes;

/// Work memory in KiB, iterations, lanes: the OWASP minimum of 19 MiB, 2, 1.
const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;
/// Bounds what a hash string from the database may ask of this machine.
const MEMORY_KIB_MAX: u32 = 256 * 1024;

/// What a hash costs whoever makes or tries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
}

impl HashCost {
    /// What the portal uses: 19 MiB and two passes, the first choice of OWASP's Password Storage
    /// Cheat Sheet for Argon2id.
    pub const STANDARD: HashCost = HashCost { memory_kib: MEMORY_KIB, iterations: ITERATIONS };
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The secret is right.
    pub is_match: bool,
    /// A new hash to store, made where the parameters have been raised since.
    pub rehash: Option<String>,
}

/// Why no verdict could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The queue is full: answer 503 and ask to try again.
    #[error("too many logins wait for their turn")]
    Busy,
    /// Hashing failed: no memory, no randomness, or the pool has gone.
    #[error("hashing failed")]
    Failed,
}

enum Job {
    Verify { hash: String, secret: Zeroizing<String>, answer: oneshot::Sender<Verdict> },
    Make { secret: Zeroizing<String>, answer: oneshot::Sender<Option<String>> },
}

/// The pool of hashing threads; clones share it.
#[derive(Clone)]
pub struct PasswordHasher {
    jobs: SyncSender<Job>,
}

impl PasswordHasher {
    /// Starts `threads` threads with room for `queue_max` waiting jobs.
    pub fn start(threads: usize, queue_max: usize) -> PasswordHasher {
        PasswordHasher::start_at(HashCost::STANDARD, threads, queue_max)
    }

    /// As [`PasswordHasher::start`], with new hashes at this cost: for tests of other things, which
    /// would spend half of their time here.
    pub fn start_at(cost: HashCost, threads: usize, queue_max: usize) -> PasswordHasher {
        let (jobs, queue) = sync_channel(queue_max);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads.max(1) {
            let queue = Arc::clone(&queue);
            let spawned = std::thread::Builder::new()
                .name(format!("argon2-{number}"))
                .spawn(move || work(&queue, cost));
            if let Err(error) = spawned {
                tracing::error!(%error, "a hashing thread could not be started");
            }
        }
        PasswordHasher { jobs }
    }

    /// Compares `secret` with a stored hash.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when the queue is full.
    pub async fn verify(&self, hash: &str, secret: &str) -> Result<Verdict, PasswordError> {
        let (answer, verdict) = oneshot::channel();
        let secret = Zeroizing::new(secret.to_owned());
        self.send(Job::Verify { hash: hash.to_owned(), secret, answer })?;
        verdict.await.map_err(|_| PasswordError::Failed)
    }

    /// Hashes a new secret.
    ///
    /// # Errors
    /// As [`PasswordHasher::verify`], and [`PasswordError::Failed`] without memory or randomness.
    pub async fn make(&self, secret: &str) -> Result<String, PasswordError> {
        let (answer, hash) = oneshot::channel();
        self.send(Job::Make { secret: Zeroizing::new(secret.to_owned()), answer })?;
        hash.await.ok().flatten().ok_or(PasswordError::Failed)
    }

    fn send(&self, job: Job) -> Result<(), PasswordError> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => PasswordError::Busy,
            TrySendError::Disconnected(_) => PasswordError::Failed,
        })
    }
}

/// A hash that no secret has: comparing with it costs what a known id costs.
pub fn nobodys_hash() -> &'static str {
    static HASH: LazyLock<String> =
        LazyLock::new(|| encode(HashCost::STANDARD, &[0x5a; 16], &[0xa5; HASH_BYTES]));
    &HASH
}

/// Hashes on the calling thread: for commands and for making demo data.
///
/// # Errors
/// [`PasswordError::Failed`] without memory or randomness.
pub fn hash_blocking(secret: &str) -> Result<String, PasswordError> {
    hash_blocking_at(HashCost::STANDARD, secret)
}

/// As [`hash_blocking`], at this cost.
///
/// # Errors
/// As [`hash_blocking`].
pub fn hash_blocking_at(cost: HashCost, secret: &str) -> Result<String, PasswordError> {
    make(secret, cost, &mut Vec::new()).ok_or(PasswordError::Failed)
}

/// Compares on the calling thread.
pub fn verify_blocking(hash: &str, secret: &str) -> bool {
    verify(hash, secret, HashCost::STANDARD, &mut Vec::new()).is_match
}

fn work(queue: &Mutex<Receiver<Job>>, cost: HashCost) {
    lower_priority();
    let mut memory = Vec::new();
    loop {
        let job = queue.lock().recv();
        match job {
            Ok(Job::Verify { hash, secret, answer }) => {
                // Whoever asked may have gone away; then nobody misses the answer.
                let _ = answer.send(verify(&hash, &secret, cost, &mut memory));
            }
            Ok(Job::Make { secret, answer }) => {
                let _ = answer.send(make(&secret, cost, &mut memory));
            }
            Err(_) => return,
        }
    }
}

/// Linux keeps a nice value per thread; where that fails the pool merely competes like any other.
fn lower_priority() {
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "hashing threads run at normal priority");
    }
}

struct Parsed {
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

fn verify(stored: &str, secret: &str, cost: HashCost, memory: &mut Vec<Block>) -> Verdict {
    let no = Verdict { is_match: false, rehash: None };
    let Some(parsed) = parse(stored) else { return no };
    let outdated =
        parsed.params.m_cost() < cost.memory_kib || parsed.params.t_cost() < cost.iterations;
    let Some(found) = compute(parsed.params, &parsed.salt, secret, memory) else { return no };
    if !bool::from(found.as_slice().ct_eq(&parsed.hash)) {
        return no;
    }
    Verdict { is_match: true, rehash: if outdated { make(secret, cost, memory) } else { None } }
}

fn make(secret: &str, cost: HashCost, memory: &mut Vec<Block>) -> Option<String> {
    let salt = random_bytes::<16>().ok()?;
    let params = Params::new(cost.memory_kib, cost.iterations, LANES, Some(HASH_BYTES)).ok()?;
    let hash = compute(params, &salt, secret, memory)?;
    Some(encode(cost, &salt, &hash))
}

fn compute(
    params: Params,
    salt: &[u8],
    secret: &str,
    memory: &mut Vec<Block>,
) -> Option<Zeroizing<[u8; HASH_BYTES]>> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut out = Zeroizing::new([0; HASH_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(
            secret.as_bytes(),
            salt,
            out.as_mut_slice(),
            memory.get_mut(..blocks)?,
        )
        .ok()?;
    Some(out)
}

/// The PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
fn encode(cost: HashCost, salt: &[u8], hash: &[u8; HASH_BYTES]) -> String {
    let HashCost { memory_kib, iterations } = cost;
    format!(
        "$argon2id$v=19$m={memory_kib},t={iterations},p={LANES}${}${}",
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(hash)
    )
}

fn parse(text: &str) -> Option<Parsed> {
    let rest = text.strip_prefix("$argon2id$v=19$")?;
    let mut parts = rest.split('$');
    let numbers = parts.next()?;
    let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let hash = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let mut costs = [0; 3];
    for (cost, (part, name)) in costs.iter_mut().zip(numbers.split(',').zip(["m=", "t=", "p="])) {
        *cost = part.strip_prefix(name)?.parse().ok()?;
    }
    let [memory_kib, iterations, lanes] = costs;
    let is_bounded = memory_kib <= MEMORY_KIB_MAX && iterations <= 16 && hash.len() == HASH_BYTES;
    let params = Params::new(memory_kib, iterations, lanes, Some(HASH_BYTES)).ok()?;
    (is_bounded && parts.next().is_none()).then_some(Parsed { params, salt, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_secret_matches_and_a_wrong_one_does_not() {
        let hash = hash_blocking("Hanako#2026").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_blocking(&hash, "Hanako#2026"));
        assert!(!verify_blocking(&hash, "hanako#2026"));
        assert!(!verify_blocking(nobodys_hash(), "Hanako#2026"));
        assert!(!verify_blocking("$argon2id$v=19$m=4000000000,t=2,p=1$YQ$YQ", "x"));
    }

    #[test]
    fn outdated_parameters_ask_for_a_new_hash() {
        let salt = [7; 16];
        let params = Params::new(8 * 1024, 1, 1, Some(HASH_BYTES)).unwrap();
        let hash = compute(params, &salt, "pw", &mut Vec::new()).unwrap();
        let old = encode(HashCost::STANDARD, &salt, &hash).replace("m=19456,t=2", "m=8192,t=1");
        let verdict = verify(&old, "pw", HashCost::STANDARD, &mut Vec::new());
        assert!(verdict.is_match);
        assert!(verify_blocking(&verdict.rehash.unwrap(), "pw"));
    }

    #[test]
    fn other_programs_hashes_are_understood() {
        // Made by the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m
        // 16`.
        let reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$\
                         CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(verify_blocking(reference, "password"));
    }

    #[tokio::test]
    async fn a_full_queue_is_refused_at_once() {
        let (jobs, _kept) = sync_channel(1);
        let hasher = PasswordHasher { jobs };
        let waiting = hasher.clone();
        let first = tokio::spawn(async move { waiting.make("a").await });
        tokio::task::yield_now().await;
        assert_eq!(hasher.make("b").await, Err(PasswordError::Busy));
        first.abort();
    }
}
