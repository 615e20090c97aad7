//! Many at once, on a real server with two workers: a guard holds or it does not. `bin/mutants`
//! shows that each of these tests fails when its guard is taken away.

mod codes;
mod forms;
mod locks;
mod stop_codes;

use futures_util::StreamExt as _;
use futures_util::stream;

/// Runs `make(0..count)` a few at a time, for preparations that are no race.
pub async fn few_at_a_time<T, F>(count: usize, make: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T>,
{
    stream::iter(0..count).map(make).buffered(3).collect().await
}
