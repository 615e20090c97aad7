//! `staff add`, `staff list` and `staff change`.

use crate::database::TestDatabase;
use crate::program::{Output, program};

fn run(database: &TestDatabase, arguments: &[&str]) -> Output {
    program(&[&["staff"], arguments].concat()).on(database).output()
}

#[test]
fn a_member_is_added_once_and_changed() {
    let database = TestDatabase::new();
    let add = ["add", "--portal", "shirakaba", "--role", "clerk", "--name", "N", "clerk01"];
    let added = run(&database, &add);
    assert_eq!(added.code, 0, "{added:?}");
    let password = added.stdout.trim().rsplit(' ').next().unwrap();
    assert_eq!(password.len(), 12, "{added:?}");
    assert_eq!(run(&database, &add).code, 1);
    let listed = run(&database, &["list", "--portal", "shirakaba"]);
    assert_eq!(listed.stdout, "clerk01\tclerk\tN\tfirst login to come\n");

    let change = |what| run(&database, &["change", "--portal", "shirakaba", what, "clerk01"]);
    for (what, code) in [
        ("unlock", 1),
        ("lock", 0),
        ("lock", 1),
        ("unlock", 0),
        ("new-authenticator", 1),
        ("new-password", 0),
        ("promote", 2),
    ] {
        let output = change(what);
        assert_eq!(output.code, code, "{what}: {output:?}");
    }
    let nobody = run(&database, &["change", "--portal", "shirakaba", "lock", "nobody"]);
    assert_eq!(nobody.code, 1, "{nobody:?}");
}

#[test]
fn what_cannot_be_a_member_is_refused() {
    let database = TestDatabase::new();
    for (role, id) in [("owner", "a"), ("clerk", "a b"), ("clerk", "")] {
        let arguments = ["add", "--portal", "shirakaba", "--role", role, "--name", "N", id];
        assert_eq!(run(&database, &arguments).code, 2, "{role} {id}");
    }
}
