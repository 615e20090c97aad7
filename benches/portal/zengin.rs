//! The check of a file of a million records (120 MB) beside a plain sum of the same bytes, and
//! beside another reader of the format; and the memory that the check takes.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use madoguchi::domain::directory::{Catalogue, Directory};
use madoguchi::operations::offices::Offices;
use madoguchi::zengin::bulk::{BulkFile, BulkHeader, BulkItem, Reference};
use madoguchi::zengin::check::{Checker, Expected, SentFiles, Settings, Totals};
use madoguchi::zengin::layout::LineEnd;
use zengin_fmt::FileType;

use crate::Effort;
use crate::report::{limit, median, ratio, ratio_alone};

const RECORDS: u64 = 1_000_000;
const PIECE: usize = 64 * 1024;
/// Beyond the table that finds payments given twice (16 MiB) nothing may grow with the file.
const MEMORY_MIB_MAX: f64 = 64.0;
const NAMES: [&str; 7] =
    ["ﾔﾏﾀﾞ ﾊﾅｺ", "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ", "ﾕ)ﾋﾉﾃﾞｲﾝｻﾂ", "ｸﾛｼｵｾｷﾕ(ｶ", "ABC.CO-JP", "ﾐﾔﾏ ｻﾄｼ", "ﾊﾟｵﾛ"];

/// Runs the bench.
pub fn run(effort: Effort) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("million.txt");
    write_file(&path)?;
    let megabytes = RECORDS as f64 * 120.0 / 1e6;
    let (mut by_sum, mut digested_by_sum, mut by_peer) = (Vec::new(), Vec::new(), Vec::new());
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}", "MB/s", "check", "digested", "sum", "peer");
    for _ in 0..effort.rounds {
        let checked = timed(|| check(&path, None))?;
        let digested = timed(|| check(&path, Some(&NoneSent)))?;
        let sum = timed(|| sum(&path))?;
        let peer = timed(|| peer(&path))?;
        let rate = |time: Duration| megabytes / time.as_secs_f64();
        let (check, digested, sum, peer) = (rate(checked), rate(digested), rate(sum), rate(peer));
        println!("{:<34} {check:>9.0} {digested:>9.0} {sum:>9.0} {peer:>9.0}", "");
        by_sum.push(check / sum);
        digested_by_sum.push(digested / sum);
        by_peer.push(check / peer);
    }
    ratio("check beside a plain sum", &by_sum, 0.2);
    ratio_alone("check with SHA-256 beside the sum", &digested_by_sum);
    ratio_alone("check beside zengin-fmt", &by_peer);
    let peaks: Result<Vec<f64>> = (0..effort.rounds).map(|_| peak_mib(&path)).collect();
    limit("most memory of `zengin check`", median(peaks?), MEMORY_MIB_MAX, "MiB");
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

fn write_file(path: &Path) -> Result<()> {
    let header = BulkHeader {
        business_type: "21".to_owned(),
        originator_code: "0000012345".to_owned(),
        originator_name: "ｶ)ｱｵﾊﾞ".to_owned(),
        value_date_mmdd: "1126".to_owned(),
        own_bank_code: "0001".to_owned(),
        own_branch_code: "001".to_owned(),
        own_account_type: Some(1),
        own_account_no: "0001234".to_owned(),
        ..BulkHeader::default()
    };
    let (mut file, first) = BulkFile::begin(&header, LineEnd::None)?;
    let mut out = std::io::BufWriter::new(File::create(path)?);
    out.write_all(&first)?;
    for (no, name) in (1..=RECORDS - 3).zip(NAMES.into_iter().cycle()) {
        let item = BulkItem {
            bank_code: "0001".to_owned(),
            branch_code: "001".to_owned(),
            account_type: 1,
            account_no: format!("{no:07}"),
            name: name.to_owned(),
            amount: 1_000 + no % 777_777,
            reference: Reference::CustomerCodes {
                first: format!("{no:010}"),
                second: "0".repeat(10),
            },
            ..BulkItem::default()
        };
        out.write_all(&file.item(&item)?)?;
    }
    out.write_all(&file.finish()?)?;
    Ok(out.flush()?)
}

fn pieces(path: &Path, mut take: impl FnMut(&[u8])) -> Result<()> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            length => take(piece.get(..length).unwrap_or_default()),
        }
    }
}

/// Nothing was sent before; but for this to be known, the file's SHA-256 has to be.
struct NoneSent;

impl SentFiles for NoneSent {
    fn same_content(&self, _sha256: &[u8; 32]) -> Option<String> {
        None
    }

    fn same_totals(&self, _totals: &Totals<'_>) -> Option<String> {
        None
    }
}

/// With banks and branches looked up.
fn check(path: &Path, sent: Option<&dyn SentFiles>) -> Result<()> {
    let catalogue = Catalogue { directory: Directory::builtin(), own: &[] };
    let offices = Offices::of_any_age(catalogue);
    let expected = Expected { directory: Some(&offices), sent, ..Expected::default() };
    let mut checker = Checker::new(Settings::default(), expected);
    pieces(path, |piece| checker.feed(piece, &mut |_| {}))?;
    let report = checker.finish(&mut |_| {});
    ensure!(report.errors == 0 && report.records == RECORDS, "{:?}", report.findings.first());
    Ok(())
}

fn sum(path: &Path) -> Result<()> {
    let mut sum = 0u64;
    pieces(path, |piece| sum += piece.iter().map(|byte| u64::from(*byte)).sum::<u64>())?;
    black_box(sum);
    Ok(())
}

/// The other reader takes the whole file at once.
fn peer(path: &Path) -> Result<()> {
    let bytes = std::fs::read(path)?;
    let parsed = zengin_fmt::parse_as(&bytes, FileType::GeneralTransfer);
    black_box(parsed.map_err(|error| anyhow::anyhow!("{error:?}"))?);
    Ok(())
}

/// The most memory of the command that checks the file.
fn peak_mib(path: &Path) -> Result<f64> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    command.args(["zengin", "check"]).arg(path).stdout(Stdio::null());
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        peak = kib.or(peak);
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(peak.context("no memory was seen")? / 1024.0)
}
