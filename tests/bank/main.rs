//! The bank test: 32 customers pay each other through the real pages, with one-time passwords,
//! while their servers are killed and their database crashes. What a customer saw done is done
//! once; nothing else is; no yen is made or lost.
//!
//! On SQLite one server works, on PostgreSQL (`MADOGUCHI_TEST_POSTGRES_URL` is set) two on a
//! cluster of the test's own, which is as durable as in production. `bin/bank-test` runs it long.

#[cfg(test)]
#[path = "../integration/browser.rs"]
#[expect(dead_code, reason = "a part of the other tests' browser")]
mod browser;
#[cfg(test)]
mod check;
#[cfg(test)]
mod client;
#[cfg(test)]
#[path = "../support/cluster.rs"]
#[expect(dead_code, reason = "a part serves the bench")]
mod cluster;
#[cfg(test)]
#[path = "../integration/codes.rs"]
#[expect(dead_code, reason = "a part of the other tests' tokens")]
mod codes;
#[cfg(test)]
mod customers;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod server;
#[cfg(test)]
mod turmoil;

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::time::Instant;

    use futures_util::future::{join, join_all};

    use crate::check::{assert_sound, summary};
    use crate::client::Client;
    use crate::customers::{CLIENTS, Town};
    use crate::plan::Plan;
    use crate::server::Site;
    use crate::turmoil::{Shared, run};

    #[tokio::test]
    async fn money_survives_kills_and_crashes() {
        let begun = Instant::now();
        let plan = Plan::read();
        let mut site = Site::new(plan.is_long());
        let town = Rc::new(Town::build(&site.settings()));
        println!("{:.1?} until the database stands", begun.elapsed());
        site.start_servers(plan.servers);
        let shared = Rc::new(Shared::new(town.first_step));
        let urls = site.urls();
        let mut clients: Vec<Client> =
            (0..CLIENTS).map(|n| Client::new(n, &urls, &town, &shared, plan.seed)).collect();
        join_all(clients.iter_mut().map(Client::log_in)).await;
        println!("{:.1?} until all are in; seed {}", begun.elapsed(), plan.seed);
        let work = join_all(clients.iter_mut().map(Client::work));
        join(work, run(&plan, &mut site, &shared)).await;
        println!("{:.1?} until all is done", begun.elapsed());
        let orders = clients.into_iter().flat_map(Client::into_orders).collect::<Vec<_>>();
        println!("{}", summary(&plan, &orders, &shared));
        let log = site.log();
        assert_sound(&mut site, &town, &orders);
        println!("{:.1?} in all", begun.elapsed());
        shared.assert_calm(&log);
    }
}
