//! The token app at `/token/`: one page whose screens its own script shows (TOK000 to TOK005), the
//! files it works from without a network, and the few things it asks the server for.
//!
//! Unlike the portals it has no session and no cookie, and nothing it is sent is of use to anybody
//! but the app that asked.

mod answers;
pub(in crate::web) mod api;
mod files;
mod page;

use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig};

use crate::web::failure::{PageError, PageResult, see_other};

/// Registers the app's addresses.
pub fn configure(config: &mut ServiceConfig) {
    config.route("/token", web::get().to(async || see_other("/token/"))).service(
        web::scope("/token")
            .service(
                web::scope("/api")
                    .route("/time", web::get().to(api::time))
                    .route("/services", web::get().to(api::services))
                    .route("/credentials", web::post().to(api::make_credential))
                    .route("/set-up", web::post().to(api::set_up))
                    .default_service(web::to(not_found)),
            )
            .service(
                web::scope("")
                    .wrap(Compress::default())
                    .route("/", web::get().to(page::show))
                    .route("/sw.js", web::get().to(files::service_worker))
                    .route("/{name}", web::get().to(files::show))
                    .default_service(web::to(not_found)),
            ),
    );
}

async fn not_found() -> PageResult {
    Err(PageError::NotFound)
}
