//! However a file is cut into pieces, what is said of it is the same; and whatever is in it, the
//! checker comes to an end.

use proptest::prelude::*;

use super::world::{expected, file_of, own_accounts, places, statement};
use crate::zengin::bulk::BulkKind;
use crate::zengin::check::{Checker, RecordKind, Report, Settings};

type Records = Vec<(u64, RecordKind, Vec<u8>)>;

/// Checks bytes that come in pieces of these lengths, over and over.
fn check(bytes: &[u8], lengths: &[usize]) -> (Report, Records) {
    let own = own_accounts();
    let mut checker = Checker::new(Settings::default(), expected(&["21", "03"], &own));
    let mut records = Records::new();
    let mut lengths = lengths.iter().cycle();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, other) = rest.split_at(rest.len().min(*lengths.next().unwrap()));
        checker.feed(piece, &mut |record| {
            records.push((record.no, record.kind, record.bytes.to_vec()));
        });
        rest = other;
    }
    let report = checker.finish(&mut |record| {
        records.push((record.no, record.kind, record.bytes.to_vec()));
    });
    (report, records)
}

/// What is done to a file: bytes that are replaced, put in, or taken out.
#[derive(Debug, Clone, Copy)]
enum Harm {
    Replace(u8),
    Insert(u8),
    Remove,
}

fn harm() -> impl Strategy<Value = Harm> {
    let byte =
        prop_oneof![any::<u8>(), Just(b'\n'), Just(b'\r'), Just(0x1A), Just(b'2'), Just(b' ')];
    prop_oneof![
        byte.clone().prop_map(Harm::Replace),
        byte.prop_map(Harm::Insert),
        Just(Harm::Remove)
    ]
}

fn harmed(mut bytes: Vec<u8>, harms: &[(prop::sample::Index, Harm)]) -> Vec<u8> {
    for (at, harm) in harms {
        if bytes.is_empty() {
            break;
        }
        let at = at.index(bytes.len());
        match harm {
            Harm::Replace(byte) => bytes[at] = *byte,
            Harm::Insert(byte) => bytes.insert(at, *byte),
            Harm::Remove => {
                bytes.remove(at);
            }
        }
    }
    bytes
}

/// Bytes without a listing of each where a test fails.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

fn files() -> impl Strategy<Value = Bytes> {
    let end = prop_oneof![Just("\r\n"), Just(""), Just("\n")];
    let count = 1..40u64;
    prop_oneof![
        8 => (count, end.clone()).prop_map(|(count, end)| {
            file_of(BulkKind::GeneralTransfer, count).ended(end).bytes()
        }),
        1 => end.prop_map(|end| statement().ended(end).bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..3_000),
    ]
    .prop_map(Bytes)
}

/// What is shown of a file that fails.
fn escaped(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn pieces_make_no_difference(
        file in files(),
        harms in prop::collection::vec((any::<prop::sample::Index>(), harm()), 0..12),
        lengths in prop::collection::vec(1..2_500usize, 1..6),
    ) {
        let bytes = harmed(file.0, &harms);
        let whole = check(&bytes, &[usize::MAX]);
        for lengths in [lengths.as_slice(), &[1]] {
            let (report, records) = check(&bytes, lengths);
            let pair = (places(&report.findings), places(&whole.0.findings));
            prop_assert!(report == whole.0, "{:?}: {:?} of {:?}", lengths, pair, escaped(&bytes));
            prop_assert!(records == whole.1, "{:?}: {:?}", lengths, escaped(&bytes));
        }
        let (report, records) = whole;
        let counted = u64::try_from(records.len()).unwrap();
        prop_assert!(counted <= report.records);
        let length = report.framing.record_length;
        let has_length = records.iter().all(|(_, _, record)| Some(record.len()) == length);
        prop_assert!(has_length);
    }
}
