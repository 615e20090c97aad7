//! `serve` and `demo` as processes, and a server inside the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use madoguchi::operations::audit::verify::verify;
use madoguchi::startup::{self, Mode};
use tempfile::TempDir;

use crate::audit::write_lines;
use crate::database::TestDatabase;
use crate::program::{Program, program};

/// A running server, killed if the test fails.
struct Server {
    child: Child,
    base_url: String,
}

impl Server {
    /// Waits for the line of `output` that names the address.
    fn start(mut program: Program, is_address_on_stdout: bool) -> Server {
        let command = program.0.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let base_url = if is_address_on_stdout {
            address_in(BufReader::new(child.stdout.as_mut().unwrap()), "http://")
        } else {
            address_in(BufReader::new(child.stderr.as_mut().unwrap()), "address=")
        };
        Server { child, base_url: format!("http://{base_url}") }
    }

    /// The answer's status line and headers and body, as they came.
    fn get(&self, path: &str) -> String {
        let address = self.base_url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it as a service manager does; returns its exit code.
    fn terminate(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let deadline = Instant::now() + Duration::from_secs(15);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not stop");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address and port behind `mark`, on the first line that has it.
fn address_in(reader: impl BufRead, mark: &str) -> String {
    let mut seen = String::new();
    for line in reader.lines() {
        let line = line.unwrap();
        if let Some((_, rest)) = line.split_once(mark) {
            return rest.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
        }
        seen += &line;
        seen.push('\n');
    }
    panic!("it ended: {seen}");
}

fn demo(data: &TempDir) -> Program {
    program(&["demo", "--listen", "127.0.0.1:0"])
        .with("XDG_DATA_HOME", data.path().to_str().unwrap())
}

#[test]
fn the_demo_starts_answers_stops_and_keeps_its_data() {
    let data = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let server = Server::start(demo(&data), true);
        assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
        assert_eq!(server.terminate(), Some(0));
    }
    let file = data.path().join("madoguchi/madoguchi-demo.db");
    assert!(file.exists(), "the demo keeps its data in the data directory");
    let database = format!("sqlite:{}", file.display());
    for command in [&["audit", "verify"][..], &["ledger", "check"]] {
        let arguments = [command, &["--database", &database]].concat();
        let output = program(&arguments).output();
        assert_eq!(output.code, 0, "{output:?}");
    }
}

#[test]
fn the_demo_lays_its_sample_files_into_a_folder() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let samples = folder.path().join("made/samples");
    let asked = ["demo", "--listen", "127.0.0.1:0", "--samples", samples.to_str().unwrap()];
    for _ in 0..2 {
        let demo = program(&asked).with("XDG_DATA_HOME", data.path().to_str().unwrap());
        assert_eq!(Server::start(demo, true).terminate(), Some(0));
    }
    for portal in ["aoba", "inaho"] {
        let list = std::fs::read_to_string(samples.join(portal).join("list.tsv")).unwrap();
        let names: Vec<&str> = list.lines().filter_map(|line| line.split('\t').next()).collect();
        let files = std::fs::read_dir(samples.join(portal)).unwrap().count();
        assert_eq!(names.len() + 1, files, "{list}");
        for kind in ["21", "11", "12", "91"] {
            assert!(names.iter().filter(|name| name.starts_with(kind)).count() > 4, "{list}");
            let good = samples.join(portal).join(format!("{kind}-good.txt"));
            let output = program(&["zengin", "check", good.to_str().unwrap()]).output();
            assert_eq!(output.code, 0, "{output:?}");
        }
    }
    // A file stands where the folder should be.
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "").unwrap();
    let output = program(&["demo", "--samples", taken.to_str().unwrap()])
        .with("XDG_DATA_HOME", data.path().to_str().unwrap())
        .output();
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.stderr.contains("--samples"), "{output:?}");
}

#[test]
fn serve_answers_and_stops() {
    let database = TestDatabase::new();
    let program = program(&["serve", "--listen", "127.0.0.1:0"]).on(&database);
    let server = Server::start(program, false);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn servers_inside_a_test_have_their_own_ports_and_seal_within_a_second() {
    let database = TestDatabase::new();
    let services = database.services();
    let start = || startup::start(&database.settings(), services.clone(), Mode::Serve).unwrap();
    let (one, other) = (start(), start());
    assert_ne!(one.address, other.address);
    let deadline = Instant::now() + Duration::from_secs(5);
    for count in 1..=3 {
        write_lines(&services, 1);
        let written = Instant::now();
        while verify(&services).unwrap().sealed < count {
            assert!(Instant::now() < deadline, "the line is not sealed");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(written.elapsed() < Duration::from_secs(1), "{:?}", written.elapsed());
    }
    one.stop();
    drop(other);
    let report = verify(&services).unwrap();
    assert_eq!((report.sealed, report.unsealed, report.finding), (3, 0, None));
}
