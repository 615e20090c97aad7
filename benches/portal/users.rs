//! The list of a company's users (BAU030) with 5,000 of them beside that of a company with 50.

use anyhow::Result;

use crate::Effort;
use crate::load::{Request, Requests};
use crate::pages::{Side, compare};
use crate::seed::{self, Session};
use crate::site::{COMPANY_PORTAL, Site};

/// Small and large.
const SIZES: [usize; 2] = [50, 5_000];
/// Lines of a page.
const LINES: usize = 50;
/// Looked at in turn. Where both companies show as many lines, the pages are alike and only the
/// looking differs; `11` finds one line among 50 and a full page among 5,000.
const LISTS: [(&str, &str); 8] = [
    ("first page", ""),
    ("by name", "?sort=name"),
    ("who runs", "?state=active"),
    ("found by part of a name", "?q=11"),
    ("found by a part that all have", "?q=%E8%A9%A6%E9%A8%93"),
    ("found by a part that one has", "?q=000031"),
    ("page in the middle", "?page={middle}"),
    ("last page", "?page={last}"),
];
/// At most one and a half times as long.
const AIM: f64 = 1.0 / 1.5;

/// Each list of the large company beside that of the small one, from one server.
pub fn list(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    for (n, size) in SIZES.into_iter().enumerate() {
        seed::company(&site, n, size)?;
    }
    let portal = site.serve()?;
    for (name, query) in LISTS {
        println!("\n{name}");
        let requests = |n: usize| -> Result<Requests> {
            let last = SIZES.get(n).map_or(1, |size| size.div_ceil(LINES));
            let middle = last.div_ceil(2).to_string();
            let query = query.replace("{last}", &last.to_string()).replace("{middle}", &middle);
            let path = format!("/{COMPANY_PORTAL}/admin/members{query}");
            let cookies = Session::Company.cookies(&site, n)?;
            let request = Request { cookies, ..Request::get(path) };
            Requests::write(site.folder(), &format!("company-{n}"), &[request])
        };
        let small = Side { name: "50 users", server: &portal, requests: requests(0)? };
        let large = Side { name: "5,000 users", server: &portal, requests: requests(1)? };
        compare(effort, &small, &large, AIM)?;
    }
    Ok(())
}
