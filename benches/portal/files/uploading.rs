//! The program in a process of its own, with the demo: uploads through HTTP, pages of long files,
//! the review of an approver, and the top page of others meanwhile.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use madoguchi::db::queries::{bulk_files, users};
use madoguchi::db::{Db, DbError, DbOptions};
use madoguchi::domain::bulk_file::BulkState;
use madoguchi::operations::{Actor, Ctx};
use madoguchi::primitives::calendar::business_day_after;
use madoguchi::primitives::clock::{Clock, UtcTime, jst_day, jst_to_utc};
use madoguchi::primitives::ids::BulkFileId;
use madoguchi::primitives::keys::KeyRing;
use madoguchi::zengin::bulk::BulkHeader;

use super::made;
use super::people::Person;
use crate::Effort;
use crate::load::{Load, Request, Requests, fetch};
use crate::program::Server;
use crate::report::{Disk, limit, median, ratio_alone, steady_rounds};
use crate::site::{database_url, profiles, scratch_folder};

/// Payments of the three files. The last has a million records with header, trailer and end; a
/// trailer counts up to 999,999.
const SIZES: [usize; 3] = [100, 100_000, 999_997];
/// MiB above idle.
const MEMORY_MAX: f64 = 64.0;
/// Times as long as idle.
const P99_MAX: f64 = 3.0;
/// Looks at each page.
const LOOKS: usize = 11;
/// As the chunks of files.
const BLOCK: usize = 244_000;
const MIB: f64 = 1024.0 * 1024.0;
/// Other users, each with a short pause between two pages.
const OTHERS: Load = Load { connections: 4, seconds: 5, is_once: false, pause_ms: 20 };

/// The program, its people, its database, and files to upload.
struct Scene {
    folder: tempfile::TempDir,
    server: Server,
    maker: Person,
    approver: Person,
    db: Db,
    now: UtcTime,
    files: Vec<(PathBuf, u64)>,
}

/// Everything, one after the other.
pub fn run(effort: Effort) -> Result<()> {
    let scene = Scene::new()?;
    let ids = scene.uploads(effort)?;
    scene.pages(&ids)?;
    scene.review()?;
    scene.others(effort)
}

impl Scene {
    fn new() -> Result<Scene> {
        let folder = scratch_folder()?;
        drop(Server::demo(folder.path())?);
        let server = Server::demo(folder.path())?;
        let day = business_day_after(jst_day(Clock::real_now()) + TimeDelta::days(2));
        let ten = NaiveTime::from_hms_opt(10, 0, 0).context("a time")?;
        let now = jst_to_utc(day.and_time(ten));
        let body = format!("at={}Z&mode=freeze", now.format("%Y-%m-%dT%H:%M:%S"));
        let path = "/qa/clock".to_owned();
        let set = Request { path, cookies: String::new(), body: Some(body) };
        let answer = fetch(server.address, &set)?;
        if !answer.starts_with("HTTP/1.1 200") {
            bail!("the clock was not set: {answer}");
        }
        let maker = Person::log_in(server.address, "tantoa", "TantoA%232026")?;
        let approver = Person::log_in(server.address, "tantob", "TantoB%232026")?;
        let db = Db::open(&database_url(folder.path())?, DbOptions::default())?;
        let on = (0..6).fold(day, |day, _| business_day_after(day));
        let files = files(folder.path(), on)?;
        Ok(Scene { folder, server, maker, approver, db, now, files })
    }

    /// MB a second beside a plain write of as many bytes, and memory.
    fn uploads(&self, effort: Effort) -> Result<Vec<i64>> {
        let mut ids = Vec::new();
        for (size, (file, bytes)) in SIZES.into_iter().zip(&self.files) {
            println!("\nupload of {size} records, {:.1} MiB", mib(*bytes));
            let (idle, _) = self.server.memory()?;
            self.server.forget_peak()?;
            let mut last = 0;
            let rounds = steady_rounds(effort.rounds, || {
                let mut disk = Disk::watch(self.folder.path())?;
                let plain = mib(*bytes) / plain_write(self.folder.path(), file)?;
                let (took, id) = self.maker.upload(file)?;
                let upload = mib(*bytes) / took.as_secs_f64();
                last = id;
                disk.look()?;
                println!("plain write {plain:.0} MiB/s, upload {upload:.1} MiB/s");
                Ok(disk.is_steady().then_some(upload / plain))
            })?;
            ratio_alone("speed beside a plain write", &rounds);
            self.say_peak(idle)?;
            ids.push(last);
        }
        Ok(ids)
    }

    fn say_peak(&self, idle: f64) -> Result<()> {
        let (_, peak) = self.server.memory()?;
        println!("memory: {idle:.1} MiB before, {peak:.1} at most");
        limit("most above idle", peak - idle, MEMORY_MAX, "MiB");
        Ok(())
    }

    /// Pages of a file of 100 records beside those of the long ones.
    fn pages(&self, ids: &[i64]) -> Result<()> {
        let (idle, _) = self.server.memory()?;
        self.server.forget_peak()?;
        for (name, query) in [
            ("BFT012, page 1", "?page=1"),
            ("BFT012, page 10,000 of a million (else the last)", "?page={far}"),
            ("search: a number that one record has", "?q={number}"),
            ("search: an amount that all have", "?q=1"),
            ("search: nothing found", "?q=%E3%83%8C"),
        ] {
            println!("\n{name}");
            for (size, id) in SIZES.into_iter().zip(ids) {
                let far = (size / 50).min(10_000).to_string();
                let number = made::number(size / 2);
                let query = query.replace("{far}", &far).replace("{number}", &number);
                let path = format!("/aoba/files/{id}{query}");
                let times: Vec<f64> =
                    (0..LOOKS).map(|_| self.maker.timed(&path)).collect::<Result<_>>()?;
                println!("{size:>9} records: {:>8.1} ms", median(times));
            }
        }
        println!("\na record taken away, the second of the file");
        for (size, id) in SIZES.into_iter().zip(ids) {
            let path = format!("/aoba/files/{id}/records/3/delete");
            let times: Vec<f64> = (0..3).map(|_| self.maker.press(&path)).collect::<Result<_>>()?;
            println!("{size:>9} records: {:>8.1} ms", median(times));
        }
        self.say_peak(idle)
    }

    /// BFT021 with a file of 100,000 records and one of the same size sent before it.
    fn review(&self) -> Result<()> {
        println!("\nBFT021 with 100,000 records and as many in the file before");
        let (file, _) = self.files.get(1).context("no file")?;
        let ids = [self.maker.upload(file)?.1, self.maker.upload(file)?.1];
        let ctx = self.ctx()?;
        self.db.write_blocking(move |conn| {
            let login_id = "9000000001/tantoa";
            let user = users::find_by_login_id(conn, "aoba", login_id)?;
            let user = user.ok_or_else(|| DbError::Unavailable("no user".to_owned()))?;
            let [sent, waiting] = ids.map(BulkFileId);
            made::send(conn, &ctx, user.id, sent)?;
            made::hand_in(conn, &ctx, waiting, (BulkState::Waiting, 1))?;
            bulk_files::get(conn, waiting)
        })?;
        let (idle, _) = self.server.memory()?;
        self.server.forget_peak()?;
        let path = format!("/aoba/files/approval/{}", ids[1]);
        let times: Vec<f64> =
            (0..LOOKS).map(|_| self.approver.timed(&path)).collect::<Result<_>>()?;
        println!("the page: {:.0} ms", median(times));
        self.say_peak(idle)
    }

    fn ctx(&self) -> Result<Ctx> {
        Ok(Ctx {
            profile: profiles()?.get("aoba").cloned().context("no profile")?,
            actor: Actor::system("bench"),
            source: "bench".to_owned(),
            request_id: "bench".to_owned(),
            now: self.now,
            keys: std::sync::Arc::new(KeyRing::parse(&crate::site::key())?),
            public_url: None,
        })
    }

    /// The top page of others while a million records are uploaded, beside without.
    fn others(&self, effort: Effort) -> Result<()> {
        println!("\ntop page of others while a million records are uploaded");
        let (file, _) = self.files.get(2).context("no file")?;
        let request = self.approver.request("/aoba/");
        let requests = Requests::write(self.folder.path(), "others", &[request])?;
        let load = Load { seconds: effort.seconds.max(OTHERS.seconds), ..OTHERS };
        let mut ratios = Vec::new();
        for _ in 0..effort.rounds {
            let idle = load.run(self.server.address, &requests)?;
            let is_over = AtomicBool::new(false);
            let busy = std::thread::scope(|scope| {
                let uploads = scope.spawn(|| -> Result<usize> {
                    let mut uploads = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        self.maker.upload(file)?;
                        uploads += 1;
                    }
                    Ok(uploads)
                });
                let busy = load.run(self.server.address, &requests);
                is_over.store(true, Ordering::Relaxed);
                let Ok(uploads) = uploads.join() else { bail!("the upload has panicked") };
                println!("{} uploads meanwhile", uploads?);
                busy
            })?;
            println!(
                "p50 {:.1} ms and p99 {:.1} ms idle, {:.1} and {:.1} ms meanwhile",
                idle.p50_ms, idle.p99_ms, busy.p50_ms, busy.p99_ms
            );
            ratios.push(busy.p99_ms / idle.p99_ms);
        }
        limit("p99 beside idle", median(ratios), P99_MAX, "times");
        Ok(())
    }
}

/// Files of あおば商事 for this day.
fn files(folder: &Path, on: NaiveDate) -> Result<Vec<(PathBuf, u64)>> {
    let header = BulkHeader {
        business_type: "21".to_owned(),
        originator_code: "9000000001".to_owned(),
        originator_name: "AOBA".to_owned(),
        value_date_mmdd: on.format("%m%d").to_string(),
        own_bank_code: "0981".to_owned(),
        own_branch_code: "401".to_owned(),
        own_account_type: Some(1),
        own_account_no: "8010012".to_owned(),
        ..BulkHeader::default()
    };
    let mut files = Vec::new();
    for size in SIZES {
        let path = folder.join(format!("records-{size}"));
        let items = (0..size).map(|n| made::item(("0001", "001"), n, 1));
        let bytes = made::write_file(&path, &header, items)?;
        files.push((path, bytes));
    }
    Ok(files)
}

/// Seconds of a plain write of a file's bytes, until they are on the disk.
fn plain_write(folder: &Path, from: &Path) -> Result<f64> {
    let (mut from, path) = (File::open(from)?, folder.join("plain"));
    let began = Instant::now();
    let mut to = File::create(&path)?;
    let mut block = vec![0; BLOCK];
    loop {
        let got = from.read(&mut block)?;
        let Some(bytes) = block.get(..got).filter(|bytes| !bytes.is_empty()) else { break };
        to.write_all(bytes)?;
    }
    to.sync_data()?;
    let took = began.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(took)
}

/// Bytes in MiB; all are far below 2^52.
fn mib(bytes: u64) -> f64 {
    u32::try_from(bytes).map_or(f64::MAX, f64::from) / MIB
}
