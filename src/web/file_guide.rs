//! What anybody may know of files, without login: their formats (BHL005, BHL006), written from the
//! tables by which files are checked, and the check of a file of which nothing is kept (BFT050).

pub mod check;
pub mod format;
pub mod formats;

use crate::zengin::layout::Format;

/// BHL005's address below the portal; a 種別コード follows for BHL006.
pub const FORMATS: &str = "help/files";
/// BFT050's.
pub const CHECK: &str = "files/check";

/// Which way files of a format go, in words.
fn direction(format: &Format) -> &'static str {
    match format.business_types {
        ["91"] => "お客さまから（依頼）、当方から（結果）",
        ["98", "99"] => "お客さまから（照会）、当方から（回答）",
        ["01" | "03" | "04"] => "当方から",
        _ => "お客さまから",
    }
}
