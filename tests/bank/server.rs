//! The program as processes that are killed.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use madoguchi::config::Settings;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::plan::is_postgres;

/// A database and the servers on it.
pub struct Site {
    folder: TempDir,
    database: String,
    cluster: Option<Cluster>,
    servers: Vec<Server>,
}

impl Site {
    /// An empty database.
    pub fn new(is_synced: bool) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let cluster = is_postgres().then(|| Cluster::start(&folder.path().join("pg"), is_synced));
        let database = match &cluster {
            Some(cluster) => cluster.url(),
            None => format!("sqlite:{}", folder.path().join("bank.db").display()),
        };
        Site { folder, database, cluster, servers: Vec::new() }
    }

    /// For services inside the test.
    pub fn settings(&self) -> Settings {
        Settings { database: self.database.clone(), ..Settings::default() }
    }

    /// Starts so many servers.
    pub fn start_servers(&mut self, count: usize) {
        for number in 0..count {
            let log = self.folder.path().join(format!("server-{number}.log"));
            self.servers.push(Server::start(&self.database, log));
        }
    }

    /// Where the servers answer.
    pub fn urls(&self) -> Vec<String> {
        self.servers.iter().map(|server| format!("http://{}", server.address)).collect()
    }

    /// Kills a server with SIGKILL and starts it again at the same address.
    pub fn kill(&mut self, number: usize) {
        let count = self.servers.len();
        self.servers[number % count].restart(&self.database);
    }

    /// Starts servers again that ended by themselves, as a service manager does: one that finds no
    /// database at its start says so and ends.
    pub fn supervise(&mut self) {
        for server in &mut self.servers {
            if server.child.try_wait().unwrap().is_some() {
                server.restart(&self.database);
            }
        }
    }

    /// A part of the site that can be crashed while its servers work.
    pub fn cluster(&self) -> Option<Cluster> {
        self.cluster.clone()
    }

    /// Kills all servers for good.
    pub fn end(&mut self) {
        self.servers.clear();
    }

    /// Runs a command to its end: its exit code and what it said.
    pub fn command(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = program(&self.database).args(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    /// What the servers said last, for whoever wants to know why a test failed.
    pub fn log(&self) -> String {
        let logs = self.servers.iter().map(|server| std::fs::read_to_string(&server.log).unwrap());
        let is_trouble = |line: &&str| line.contains("ERROR") || line.contains("panicked");
        let trouble =
            |log: String| log.lines().filter(is_trouble).take(20).collect::<Vec<_>>().join("\n");
        logs.map(trouble).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.servers.clear();
        if let Some(cluster) = &self.cluster {
            cluster.end();
        }
    }
}

struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Server {
    fn start(database: &str, log: PathBuf) -> Server {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = spawn(database, address, &log);
        Server { child, address, log }
    }

    fn restart(&mut self, database: &str) {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
        self.child = spawn(database, self.address, &self.log);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(database: &str, address: SocketAddr, log: &Path) -> Child {
    let log = File::options().create(true).append(true).open(log).unwrap();
    let mut command = program(database);
    command.args(["demo", "--listen", &address.to_string()]).stdout(Stdio::null());
    // Everybody comes from one address here.
    command.env("MADOGUCHI_LOGIN_TRIES_PER_MINUTE", "100000");
    command.stderr(log).spawn().unwrap()
}

fn program(database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MADOGUCHI_") {
            command.env_remove(name);
        }
    }
    command.env("MADOGUCHI_DATABASE_URL", database).stdin(Stdio::null());
    command
}
