//! `qa replay`: does again what a tester recorded, and says what shows otherwise.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::{CommandError, Exit};
use crate::scenario::{Player, Replay, Scenario};

/// Commands for testers of the demo.
#[derive(Debug, Subcommand)]
pub enum QaCommand {
    /// Do recorded steps again and say which screens and texts are different now.
    Replay(ReplayArgs),
}

const REPLAY_EXAMPLES: &str = "\
A scenario is recorded on the demo's console, /qa/record. Without --url it is replayed on a demo
of its own, whose data are thrown away afterwards; nothing else is touched. With --url the demo
there is reset by the scenario's first steps.

Exit code: 0 all screens and texts are the same, 1 something is different, 2 a file cannot be read.

Examples:
  madoguchi qa replay scenario.json
  madoguchi qa replay --url http://127.0.0.1:8080 one.json other.json
  madoguchi qa replay --accept scenario.json";

/// `qa replay`.
#[derive(Debug, Args)]
#[command(after_help = REPLAY_EXAMPLES)]
pub struct ReplayArgs {
    /// Scenarios as /qa/record saves them.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write what shows now into the files, as what has to show from here on.
    #[arg(long)]
    pub accept: bool,
    /// A demo that runs already, as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// Reads the scenarios, each with where it stands.
///
/// # Errors
/// A file that cannot be read or is none.
pub fn read(files: &[PathBuf]) -> Result<Vec<(PathBuf, Scenario)>, CommandError> {
    files.iter().map(|path| Ok((path.clone(), read_one(path)?))).collect()
}

fn read_one(path: &Path) -> Result<Scenario, CommandError> {
    let wrong = |error: &dyn std::fmt::Display| {
        CommandError::Wrong(format!("{}: {error}; record it at /qa/record", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    serde_json::from_str(&text).map_err(|error| wrong(&error))
}

/// Replays scenarios on the demo at `base_url`, and prints what is different; with `accepts` the
/// files say from then on what shows now.
///
/// # Errors
/// No HTTP client can be made, or the output cannot be written.
pub fn replay(
    scenarios: &[(PathBuf, Scenario)],
    (base_url, accepts): (&str, bool),
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut are_same = true;
    for (path, scenario) in scenarios {
        let wrong = |error: &dyn std::fmt::Display| CommandError::Wrong(error.to_string());
        let mut player = Player::new(base_url).map_err(|error| wrong(&error))?;
        let replay = runtime.block_on(player.replay(scenario));
        are_same &= replay.is_same();
        let (done, all) = (replay.steps.len(), scenario.steps.len());
        let end = if replay.is_same() { "same" } else { "DIFFERENT" };
        writeln!(out, "{}: {done} of {all} steps, {end}", scenario.name)?;
        for step in replay.steps.iter().filter(|step| !step.differences.is_empty()) {
            writeln!(out, "  step {} {}", step.no, step.screen.as_deref().unwrap_or("-"))?;
            for difference in &step.differences {
                writeln!(out, "    {difference}")?;
            }
        }
        if let Some((no, error)) = &replay.stopped {
            writeln!(out, "  step {no} cannot be done: {error}")?;
        } else if accepts && !replay.is_same() {
            accept(path, scenario, &replay)?;
            writeln!(out, "  written into {}", path.display())?;
        }
    }
    Ok(if are_same { Exit::Done } else { Exit::Findings })
}

/// Writes what showed into the steps that say what has to show.
fn accept(path: &Path, scenario: &Scenario, replay: &Replay) -> Result<(), CommandError> {
    let mut scenario = scenario.clone();
    for (step, replayed) in scenario.steps.iter_mut().zip(&replay.steps) {
        if let (Some(expect), Some(screen)) = (&mut step.expect, &replayed.screen) {
            expect.screen.clone_from(screen);
            if let Some(lines) = &mut expect.lines {
                lines.clone_from(&replayed.lines);
            }
        }
    }
    let text = serde_json::to_string_pretty(&scenario).map_err(std::io::Error::other)?;
    Ok(std::fs::write(path, text + "\n")?)
}
