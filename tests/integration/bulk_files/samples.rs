//! The demo's sample files: each does on BFT011 what the QA console says of it.

use std::convert::Infallible;

use futures_util::stream;
use madoguchi::db::queries::users;
use madoguchi::domain::bulk_file::BulkOrigin;
use madoguchi::domain::bulk_file::report::CheckReport;
use madoguchi::operations::bulk_file::upload::{Upload, UploadOutcome, upload};
use madoguchi::operations::demo::samples::{Promise, Sample, samples};
use madoguchi::operations::one_time_key::RequestKey;
use madoguchi::primitives::ids::random_id;

use super::site::Site;
use crate::app::TestApp;

/// Uploads a sample as its maker; how it ended, and the report.
async fn uploaded(app: &TestApp, sample: &Sample) -> (UploadOutcome, CheckReport) {
    let (portal, login_id) = (sample.portal, sample.login_id);
    let find = move |conn: &mut _| users::find_by_login_id(conn, portal, login_id);
    let user = app.services.db.read_blocking(find).unwrap().unwrap();
    let key = RequestKey {
        key: random_id().unwrap(),
        user_id: user.id,
        operation: "bulk.create",
        payload_digest: "x".repeat(43),
    };
    let input = Upload {
        origin: BulkOrigin::Upload,
        user,
        kind: None,
        account_id: None,
        value_date: None,
        name: sample.name.clone(),
        key,
        files_url: format!("/{portal}/files"),
    };
    let pieces = stream::iter([Ok::<_, Infallible>(sample.bytes.clone())]);
    let outcome = upload(&app.services, &app.ctx_of(portal), &input, pieces).await.unwrap();
    let report = format!(
        "SELECT report AS value FROM bulk_reports WHERE name = '{}' AND portal = '{portal}'",
        sample.name
    );
    let report = app.texts(&report).pop();
    let report = report.map(|text| serde_json::from_str(&text).unwrap());
    (outcome, report.unwrap_or_default())
}

#[tokio::test]
async fn each_sample_does_what_its_line_says() {
    let site = Site::new();
    let all = samples(&site.services).unwrap();
    for portal in ["aoba", "inaho"] {
        let count = all.iter().filter(|sample| sample.portal == portal).count();
        assert!(count > 100, "{portal}: {count}");
    }
    for sample in &all {
        let (outcome, report) = uploaded(&site, sample).await;
        let codes: Vec<(&str, bool)> =
            report.lines.iter().map(|line| (line.code.as_str(), line.is_error)).collect();
        let told = format!("{} {}: {outcome:?} {codes:?}", sample.portal, sample.name);
        match sample.promise {
            Promise::Draft => assert!(codes.is_empty(), "{told}"),
            Promise::Warned(code) => assert_eq!(codes, [(code, false)], "{told}"),
            Promise::Refused(code) => {
                let errors: Vec<&str> =
                    codes.iter().filter(|(_, is_error)| *is_error).map(|(code, _)| *code).collect();
                assert!(!errors.is_empty() && errors.iter().all(|found| *found == code), "{told}");
            }
        }
        let is_kept = matches!(outcome, UploadOutcome::Kept(_));
        assert_eq!(is_kept, !matches!(sample.promise, Promise::Refused(_)), "{told}");
    }
}
