//! Passwords of the demo's people at next to no cost: with the portal's own, Argon2 would be half
//! of what these tests compute. The standard cost has its own tests beside the hasher.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use diesel::prelude::*;
use madoguchi::db::DbError;
use madoguchi::operations::Services;
use madoguchi::primitives::password::{HashCost, hash_blocking_at};
use madoguchi::schema::{staff_members, users};

/// The least that Argon2 takes.
pub const COST: HashCost = HashCost { memory_kib: 8, iterations: 1 };

/// A hash of the demo, and the cheap one of the same secret.
static PAIRS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let text = include_str!("../../src/operations/demo/hashes.toml");
    let hashes: BTreeMap<String, String> = toml::from_str(text).unwrap();
    let pair = |(secret, hash): (String, String)| (hash, hash_blocking_at(COST, &secret).unwrap());
    hashes.into_iter().map(pair).collect()
});

/// Puts cheap hashes where the demo's stand.
pub fn rewrite(services: &Services) {
    let rewritten = services.db.write_blocking(|conn| {
        for (hash, cheap) in PAIRS.iter() {
            diesel::update(users::table.filter(users::login_secret_hash.eq(hash)))
                .set(users::login_secret_hash.eq(cheap))
                .execute(conn)?;
            diesel::update(users::table.filter(users::confirm_secret_hash.eq(hash)))
                .set(users::confirm_secret_hash.eq(cheap))
                .execute(conn)?;
            diesel::update(staff_members::table.filter(staff_members::password_hash.eq(hash)))
                .set(staff_members::password_hash.eq(cheap))
                .execute(conn)?;
        }
        Ok::<_, DbError>(())
    });
    rewritten.unwrap();
}
