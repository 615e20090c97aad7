//! Sessions through actix-session, with a store of our own.
//!
//! The cookie holds a random key. The database keeps the key's hash and which login it stands for;
//! the row in `logins` is the authority on whether somebody is in, and the page's one read looks at
//! both. So loading touches no database, a GET writes nothing, and an update never inserts: a late
//! save cannot bring an ended session back.

use std::collections::HashMap;

use actix_session::Session;
use actix_session::storage::{
    LoadError, SaveError, SessionKey, SessionStore, UpdateError, generate_session_key,
};
use actix_web::cookie::time::Duration;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::db::queries::{staff_logins, web_sessions};
use crate::operations::Services;
use crate::web::failure::PageError;

/// In a loaded state: the hash of the cookie's key.
const KEY_HASH: &str = "key_hash";
/// In a state to be saved: the login that the new key stands for.
const LOGIN: &str = "login";

/// Whose sessions a store keeps: the two never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionsOf {
    /// Customers and corporate users.
    Customers,
    /// The institution's staff.
    Staff,
}

/// The store.
#[derive(Clone)]
pub struct LoginStore {
    services: Services,
    whose: SessionsOf,
}

impl LoginStore {
    /// A store over the portal's database.
    pub fn new(services: Services, whose: SessionsOf) -> LoginStore {
        LoginStore { services, whose }
    }
}

fn hash(key: &SessionKey) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(key.as_ref().as_bytes()))
}

impl SessionStore for LoginStore {
    async fn load(
        &self,
        session_key: &SessionKey,
    ) -> Result<Option<HashMap<String, String>>, LoadError> {
        let hash = serde_json::Value::String(hash(session_key)).to_string();
        Ok(Some(HashMap::from([(KEY_HASH.to_owned(), hash)])))
    }

    async fn save(
        &self,
        session_state: HashMap<String, String>,
        _ttl: &Duration,
    ) -> Result<SessionKey, SaveError> {
        let key = generate_session_key();
        let login = session_state.get(LOGIN).and_then(|json| serde_json::from_str(json).ok());
        if let Some(login) = login {
            let (key_hash, login): (String, String) = (hash(&key), login);
            let (now, whose) = (self.services.clock.now(), self.whose);
            self.services
                .db
                .claim(move |conn| match whose {
                    SessionsOf::Customers => web_sessions::insert(conn, &key_hash, &login, now),
                    SessionsOf::Staff => staff_logins::insert_session(conn, &key_hash, &login, now),
                })
                .await
                .map_err(|error| SaveError::Other(error.into()))?;
        }
        Ok(key)
    }

    async fn update(
        &self,
        session_key: SessionKey,
        _session_state: HashMap<String, String>,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        Ok(session_key)
    }

    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        let (key_hash, whose) = (hash(session_key), self.whose);
        self.services
            .db
            .claim(move |conn| match whose {
                SessionsOf::Customers => web_sessions::delete(conn, &key_hash),
                SessionsOf::Staff => staff_logins::delete_session(conn, &key_hash),
            })
            .await?;
        Ok(())
    }
}

/// The hash under which the visitor's session stands, if a cookie came.
///
/// # Errors
/// 500 if the library's state cannot be read.
pub fn key_hash(session: &Session) -> Result<Option<String>, PageError> {
    Ok(session.get::<String>(KEY_HASH)?)
}

/// Gives the browser a new key for `login_id`: at login and at every step-up.
///
/// # Errors
/// 500 if the library's state cannot be written.
pub fn begin(session: &Session, login_id: &str) -> Result<(), PageError> {
    session.insert(LOGIN, login_id)?;
    session.renew();
    Ok(())
}

/// Takes the browser's key away.
pub fn end(session: &Session) {
    session.purge();
}
