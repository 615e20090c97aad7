//! What happens to the servers while customers work, and the clock that gives them new codes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::browser::Browser;
use crate::customers::{CLIENTS, time_of};
use crate::plan::{Dice, Plan};
use crate::server::Site;

/// New codes come at the latest after this, where anybody waits for one.
const STEP_AT_MOST: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(10);

/// What clients and turmoil tell each other.
pub struct Shared {
    /// The step of codes that holds on every server.
    pub step: Cell<i64>,
    /// Clients that wait for the next one.
    pub waiting: Cell<usize>,
    /// Clients still at work.
    pub at_work: Cell<usize>,
    /// No client begins another transfer.
    pub is_over: Cell<bool>,
    /// What clients met, and how often.
    pub met: RefCell<BTreeMap<String, u32>>,
}

impl Shared {
    /// Before anybody works.
    pub fn new(step: i64) -> Shared {
        Shared {
            step: Cell::new(step),
            waiting: Cell::new(0),
            at_work: Cell::new(CLIENTS),
            is_over: Cell::new(false),
            met: RefCell::default(),
        }
    }

    /// Counts something that a client met.
    pub fn meet(&self, what: impl Into<String>) {
        *self.met.borrow_mut().entry(what.into()).or_default() += 1;
    }

    /// Dying servers break connections and a lost database is 503. 500 is a fault of ours, or, in a
    /// crash, says that nobody knows whether something is done. Sessions survive all of it.
    pub fn assert_calm(&self, log: &str) {
        // Jobs of a worker are tried again by themselves.
        let is_ours = |line: &str| line.contains("web::") || line.contains("panicked");
        let is_known = |line: &str| !is_ours(line) || line.contains("its outcome is unknown");
        assert!(log.lines().all(is_known), "{:?}\n{log}", self.met.borrow());
        let is_lost = self.met.borrow().contains_key("logged in again");
        assert!(!is_lost, "a session was lost: {:?}", self.met.borrow());
    }
}

enum Event {
    Kill(usize),
    Crash,
}

/// Kills and crashes as planned, and moves the clock, until every client has ended.
pub async fn run(plan: &Plan, site: &mut Site, shared: &Rc<Shared>) {
    let urls = site.urls();
    let clock = move_clock(urls, shared);
    let blows = async {
        let (begun, mut events) = (Instant::now(), events(plan).into_iter().peekable());
        while shared.at_work.get() > 0 {
            tokio::time::sleep(PAUSE * 2).await;
            site.supervise();
            if let Some((_, event)) = events.next_if(|(at, _)| *at <= begun.elapsed()) {
                strike(site, event).await;
            }
            shared.is_over.set(begun.elapsed() >= plan.work && events.peek().is_none());
        }
    };
    tokio::join!(clock, blows);
}

async fn strike(site: &mut Site, event: Event) {
    match (event, site.cluster()) {
        (Event::Crash, Some(cluster)) => {
            tokio::task::spawn_blocking(move || cluster.crash()).await.unwrap();
        }
        (Event::Crash, None) => unreachable!("only PostgreSQL's server crashes"),
        (Event::Kill(number), _) => site.kill(number),
    }
}

/// Spread over the run, each at a random moment of its own part.
fn events(plan: &Plan) -> Vec<(Duration, Event)> {
    let mut dice = Dice::new(plan.seed, 9_999);
    let mut moment = |number: u32, count: u32| {
        let part = plan.work / count;
        part * number + part * u32::try_from(20 + dice.roll(60)).unwrap() / 100
    };
    let mut events = Vec::new();
    for number in 0..plan.kills {
        let server = usize::try_from(number).unwrap();
        events.push((moment(number, plan.kills), Event::Kill(server)));
    }
    for number in 0..plan.crashes {
        events.push((moment(number, plan.crashes), Event::Crash));
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

/// A token shows one code for each step of 30 s, good for one act. The clock of the servers stands
/// still and moves on by a step when half of the clients have used theirs.
async fn move_clock(urls: Vec<String>, shared: &Rc<Shared>) {
    let consoles: Vec<Browser> = urls.iter().map(|url| Browser::new(url)).collect();
    let mut since = Instant::now();
    while shared.at_work.get() > 0 {
        tokio::time::sleep(PAUSE).await;
        let waiting = shared.waiting.get();
        let is_late = waiting > 0 && since.elapsed() > STEP_AT_MOST;
        if waiting == 0 || waiting * 2 < shared.at_work.get() && !is_late {
            continue;
        }
        let step = shared.step.get() + 1;
        for console in &consoles {
            set_clock(console, step).await;
        }
        shared.step.set(step);
        since = Instant::now();
    }
}

/// Until it is answered: a server that is down will be up again, and the same time twice is once.
async fn set_clock(console: &Browser, step: i64) {
    let at = format!("{}Z", time_of(step).format("%Y-%m-%dT%H:%M:%S"));
    let fields = vec![("at".to_owned(), at), ("mode".to_owned(), "freeze".to_owned())];
    loop {
        match console.try_post("/qa/clock", &fields).await {
            Some(page) if page.status == 200 => {
                // Back in time the demo's data would be loaded again.
                assert!(page.body.contains("\"reloaded\":false"), "{}", page.body);
                return;
            }
            Some(page) if page.status < 500 => panic!("{}: {}", page.status, page.text()),
            _ => tokio::time::sleep(PAUSE).await,
        }
    }
}
