//! `key reseal`.

use std::fs;

use crate::database::{KEYS, TestDatabase};
use crate::program::program;

const NEW_KEY: &str = "new:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";

#[test]
fn a_key_is_rotated_step_by_step() {
    let database = TestDatabase::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.csv");
    let secret = "3132333435363738393031323334353637383930";
    let lines: Vec<String> =
        (0..250).map(|n| format!("2V0716{n:06},{secret},totp,6,30\n")).collect();
    fs::write(&path, format!("serial,secret,type,digits,period\n{}", lines.concat())).unwrap();
    let arguments = ["token", "import", "--portal", "shirakaba", "--kind", "hardware"];
    let arguments = [&arguments[..], &["--format", "csv", path.to_str().unwrap()]].concat();
    assert_eq!(program(&arguments).on(&database).output().code, 0);

    let reseal = |keys: &str| {
        program(&["key", "reseal"]).on(&database).with("MADOGUCHI_KEYS", keys).output()
    };
    let output = reseal(NEW_KEY);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stdout.contains("cannot be opened: 250, 0"), "{output:?}");
    assert!(output.stdout.contains("still sealed with other keys than new: 250"), "{output:?}");

    let output = reseal(&format!("{NEW_KEY},{KEYS}"));
    assert_eq!(output.code, 0, "{output:?}");
    let line = "shirakaba: sealed anew: 250 token secrets, 0 picture cards";
    assert!(output.stdout.contains(line), "{output:?}");
    assert!(output.stdout.ends_with("everything is sealed with the key new\n"), "{output:?}");

    let output = reseal(NEW_KEY);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stdout.contains("shirakaba: sealed anew: 0 token secrets"), "{output:?}");
}
