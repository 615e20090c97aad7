//! 外部ファイル: receiving what the institution puts out (BEF011 to BEF013), and sending files of the
//! company's own software straight (BEF001 to BEF003).

pub mod choose;
pub mod confirm;
pub mod download;
pub mod handed;
pub mod list;
pub mod sending;
pub mod sent;
pub mod words;

use crate::domain::right::UserRight;
use crate::domain::user::User;
use crate::web::bulk_desk::Place;
use crate::web::visit::Visit;

/// BEF011's address below the portal.
pub const RECEIVE: &str = "external/receive";
/// BEF012's.
pub const PROOF: &str = "external/receive/proof";
/// BEF013's; the receipt's id follows.
pub const HANDED: &str = "external/receive/result";
/// BEF001's; a file's id follows for BEF002.
pub const SEND: &str = "external/send";
/// BEF003's; the receipt's id follows.
pub const SENT: &str = "external/send/result";

/// What the box of a file is called; its id follows.
pub const TICK: &str = "file_";
/// Files that one proof hands over.
pub const RECEIVED_MAX: usize = 50;

/// Whether this user finds external files in the menu: whoever finds bulk files there.
pub fn is_offered(visit: &Visit, user: &User) -> bool {
    visit.profile.services.external_files
        && !crate::domain::permission::only_administers(&visit.profile, user.role)
}

/// Whether the user receives any kind of file.
#[must_use]
pub fn may_receive(place: &Place) -> bool {
    place.desk.rights.allows(UserRight::ExternalReceive)
}
