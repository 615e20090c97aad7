//! What every page has in common: the shell around its content, and the small
//! view types (steps, notices, rows, receipts) that the components show.
//!
//! All texts, times and amounts arrive here ready for display: Japan time, thousands
//! separated, nothing left for a template to compute.

use std::borrow::Cow;

use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};

/// Makes the address of a static file from its name below `static/`.
#[derive(Clone, Copy, Debug)]
pub struct Assets {
    resolve: fn(&str) -> String,
}

impl Assets {
    /// Uses `resolve` to turn a name such as `css/portal.css` into its address.
    pub fn new(resolve: fn(&str) -> String) -> Self {
        Self { resolve }
    }

    /// The address of the file `name`, with its content hash.
    pub fn url(&self, name: &str) -> String {
        (self.resolve)(name)
    }
}

impl Default for Assets {
    fn default() -> Self {
        Self::new(|name| format!("/static/{name}"))
    }
}

/// One entry of the global navigation or of the navigation between help pages.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// The words shown.
    pub label: String,
    /// The page's address.
    pub url: String,
    /// Whether this is the page being shown.
    pub is_current: bool,
}

/// When the session ends if nothing happens.
#[derive(Clone, Debug)]
pub struct SessionEnd {
    /// The end as RFC 3339 with offset.
    pub iso: String,
    /// The end in Japan time, as `10時45分`.
    pub jst_text: String,
    /// Seconds left when the page was made. The script counts these down, because the
    /// customer's clock (and in the demo the portal's own) can be wrong.
    pub remaining_seconds: i64,
    /// How many seconds before the end the dialog appears.
    pub warn_seconds: u32,
    /// A page whose loading keeps the session alive.
    pub extend_url: String,
}

/// Whom a customer calls.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The department that answers.
    pub department: String,
    /// Telephone number with hyphens.
    pub telephone: String,
    /// When it answers.
    pub hours: String,
}

/// What surrounds the content of every page.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The service's full name, as `しらかば信用金庫 個人インターネットバンキング`.
    pub portal_name: String,
    /// The institution's name.
    pub institution: String,
    /// For whom the portal is, as `個人のお客さま`.
    pub segment_label: &'static str,
    /// Colour theme: green, orange, purple, teal, blue, red, neutral or staff.
    pub theme: &'static str,
    /// The portal's first path segment; empty outside the portals.
    pub slug: String,
    /// Name of the portal's mark below `static/`, as `img/mark-shirakaba.svg`.
    pub mark: String,
    /// The screen's id (画面ID).
    pub screen_id: &'static str,
    /// The page's title, without the names of portal and institution.
    pub title: Cow<'static, str>,
    /// The global navigation; empty before login.
    pub nav: Vec<NavItem>,
    /// Whether this is the console of the institution's staff.
    pub is_staff: bool,
    /// The customer's name, once logged in.
    pub user_name: Option<String>,
    /// What follows the name: 様, or the role of a member of staff.
    pub user_suffix: &'static str,
    /// CSRF token of the logout form, once logged in.
    pub logout_csrf: Option<String>,
    /// When the session ends, once logged in.
    pub session_end: Option<SessionEnd>,
    /// Whom to call; absent outside the portals.
    pub contact: Option<Contact>,
    /// Whom to call at once about a lost token or a theft, where that is another number.
    pub lost: Option<Contact>,
    /// The help for this page.
    pub help_url: Option<String>,
    /// A banner that warns while demo data is loaded.
    pub demo_notice: Option<&'static str>,
    /// Where static files are.
    pub asset: Assets,
}

impl Shell {
    /// The address of a static file.
    pub fn asset(&self, name: &str) -> String {
        self.asset.url(name)
    }

    /// The portal's first address; the list of portals outside of them.
    pub fn home_url(&self) -> String {
        match (self.slug.as_str(), self.is_staff) {
            ("", _) => "/".to_owned(),
            (slug, false) => ["/", slug, "/"].concat(),
            (slug, true) => ["/", slug, "/staff/"].concat(),
        }
    }

    /// The service's name without the institution, which stands beside it.
    pub fn service_name(&self) -> &str {
        self.portal_name.strip_prefix(self.institution.as_str()).unwrap_or(&self.portal_name).trim()
    }

    /// The portal's name, as part of the page's title.
    pub fn title_suffix(&self) -> String {
        match self.service_name() {
            "" => self.institution.clone(),
            service => format!("{service} | {}", self.institution),
        }
    }
}

/// A link with its words.
#[derive(Clone, Debug)]
pub struct Link {
    /// The words shown.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// A link with a line that says what is behind it.
#[derive(Clone, Debug)]
pub struct LinkCard {
    /// The words shown.
    pub label: String,
    /// One line about it.
    pub description: Cow<'static, str>,
    /// Where it leads.
    pub url: String,
}

/// The kind of a notice box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Info,
    /// Needs attention.
    Warn,
    /// Something failed or is closed.
    Error,
    /// Something is done.
    Success,
}

impl Tone {
    /// The box's class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Success => "success",
        }
    }
}

/// A notice box.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its kind.
    pub tone: Tone,
    /// The first, bold line.
    pub title: String,
    /// The rest, one entry a paragraph.
    pub text: Vec<String>,
}

/// One step of a step bar.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step's name, in parts between which a narrow screen may break it.
    pub parts: Vec<String>,
    /// Class in the style sheet: `done`, `current` or `todo`.
    pub class: &'static str,
}

impl Step {
    /// Whether this step is the one being shown.
    pub fn is_current(&self) -> bool {
        self.class == "current"
    }

    /// Whether this step is behind the customer.
    pub fn is_done(&self) -> bool {
        self.class == "done"
    }
}

/// The bar of `labels` in which the step at `current` (from zero) is marked. A `|` in a label is
/// not shown: it says where a narrow screen may break the line.
pub fn steps<L: AsRef<str>>(labels: &[L], current: usize) -> Vec<Step> {
    let class = |at: usize| match at.cmp(&current) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "current",
        std::cmp::Ordering::Greater => "todo",
    };
    let step = |(at, label): (usize, &L)| Step {
        parts: label.as_ref().split('|').map(str::to_owned).collect(),
        class: class(at),
    };
    labels.iter().enumerate().map(step).collect()
}

/// One line of a definition list.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
}

impl Row {
    /// A row of `label` and `value`.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// The receipt of a finished act.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// 受付番号, seven digits.
    pub number: String,
    /// 受付時刻, as `2014年07月18日 10時35分25秒`.
    pub time_text: String,
}

/// Where serial number and code are found on one kind of token.
#[derive(Clone, Debug)]
pub struct TokenGuide {
    /// The kind's name, as `ハードウェアトークン`.
    pub name: String,
    /// Drawings below `static/`, each with a description for those who can't see it.
    pub drawings: Vec<Drawing>,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// Where its serial number stands.
    pub serial_place: String,
    /// How its one-time password is shown.
    pub code_place: String,
}

/// A drawing with its description.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// Name below `static/`, as `img/token-hardware-back.svg`.
    pub image: String,
    /// What it shows, in words.
    pub description: String,
}

/// A QR code as one path of an SVG drawing.
#[derive(Clone, Debug)]
pub struct QrView {
    /// Modules a side, the quiet zone of four on each side included.
    pub size: usize,
    /// The dark modules as path data.
    pub path: String,
}

impl QrView {
    /// The code of `text`.
    ///
    /// # Errors
    /// A text too long for any code.
    pub fn of_text(text: &str) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L)?;
        let is_dark: Vec<bool> =
            code.to_colors().iter().map(|color| *color == Color::Dark).collect();
        Ok(Self::new(code.width(), &is_dark))
    }

    /// Draws the code of `width` modules a side; `is_dark` row by row from the upper left.
    pub fn new(width: usize, is_dark: &[bool]) -> Self {
        use std::fmt::Write as _;
        const QUIET: usize = 4;
        let mut path = String::new();
        for (y, row) in is_dark.chunks(width.max(1)).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                let length = run.len();
                if run.first() == Some(&true) {
                    let (left, top) = (x + QUIET, y + QUIET);
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
                }
                x += length;
            }
        }
        Self { size: width + 2 * QUIET, path }
    }
}
