//! The built program as a process.

use std::process::{Command, Stdio};

use crate::database::{KEYS, TestDatabase};

/// What a finished process left.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A process about to be run, without any setting of ours in its environment.
pub struct Program(pub Command);

pub fn program(arguments: &[&str]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MADOGUCHI_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    Program(command)
}

impl Program {
    /// With an environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Program {
        self.0.env(name, value);
        self
    }

    /// On a test's database, with a key.
    pub fn on(self, database: &TestDatabase) -> Program {
        self.with("MADOGUCHI_DATABASE_URL", &database.url).with("MADOGUCHI_KEYS", KEYS)
    }

    /// Runs to the end.
    pub fn output(mut self) -> Output {
        let output = self.0.output().unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
