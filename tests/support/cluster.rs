//! PostgreSQL clusters of a test's own, which may crash.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A PostgreSQL cluster on a socket of its own. Unlike the other tests' it hands over to the kernel
/// what it commits before it says so, and so keeps it when it crashes; where `is_synced`, to the
/// disk, which only a crash of the machine could tell apart.
#[derive(Clone)]
pub struct Cluster {
    folder: PathBuf,
    socket: PathBuf,
    programs: PathBuf,
    is_synced: bool,
}

impl Cluster {
    /// Starts one that keeps its data in `folder`, which is made. Its socket lies in the temp
    /// folder, because such a name has at most 107 bytes.
    pub fn start(folder: &Path, is_synced: bool) -> Cluster {
        let socket = tempfile::Builder::new().prefix("mdg-pg.").tempdir().unwrap().keep();
        std::fs::create_dir_all(folder).unwrap();
        let cluster =
            Cluster { folder: folder.to_owned(), socket, programs: programs(), is_synced };
        if is_root() {
            // PostgreSQL does not run as root.
            let above = folder.parent().unwrap();
            do_as_root(&["chmod", "755", above.to_str().unwrap()]);
            for own in [folder, &cluster.socket] {
                do_as_root(&["chown", "postgres:", own.to_str().unwrap()]);
            }
        }
        let data = cluster.data();
        let form = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
        cluster.run("initdb", &[&["-D", &data][..], &form].concat());
        cluster.begin();
        cluster
    }

    fn begin(&self) {
        let (data, log) = (self.data(), format!("{}/server.log", self.folder.display()));
        let options = format!(
            "-k {} -c listen_addresses='' -c max_connections=100 -c fsync={} -c max_wal_size=4GB",
            self.socket.display(),
            if self.is_synced { "on" } else { "off" }
        );
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-s", "-o", &options, "start"]);
    }

    /// Ends it as a crash does, without a checkpoint, and starts it again: it recovers by its log.
    pub fn crash(&self) {
        self.stop();
        self.begin();
    }

    /// Ends it for good.
    pub fn end(&self) {
        self.stop();
        // What stays behind is an empty folder.
        let _ = std::fs::remove_dir_all(&self.socket);
    }

    fn stop(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "-s", "stop"]);
    }

    fn data(&self) -> String {
        format!("{}/data", self.folder.display())
    }

    /// The folder of the socket stands where a host stands, with its slashes escaped.
    pub fn url(&self) -> String {
        let folder = self.socket.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/postgres")
    }

    /// One of PostgreSQL's programs, as the user who may run it; to reach this cluster it takes
    /// the socket's folder as its host.
    pub fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").stdin(Stdio::null());
        command
    }

    /// Where its socket lies.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    fn run(&self, name: &str, arguments: &[&str]) {
        let mut command = self.program(name);
        command.args(arguments).stdout(Stdio::null());
        let status = command.status().unwrap();
        assert!(status.success(), "{name} {arguments:?}: {status}");
    }
}

fn do_as_root(command: &[&str]) {
    let (program, arguments) = command.split_first().unwrap();
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{command:?}");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder with initdb and pg_ctl, as `bin/lib/common.sh` finds it.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = versions.map(|entry| entry.unwrap().path().join("bin"));
    let newest = folders.filter(|folder| folder.join("initdb").exists()).max();
    let in_path = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    newest.or_else(in_path).expect("PostgreSQL's initdb was not found")
}
