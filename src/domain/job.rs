//! What the worker's jobs report.

/// One run of one job.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct JobRun {
    /// The job.
    pub name: &'static str,
    /// What it did, in a few English words.
    pub did: String,
}
