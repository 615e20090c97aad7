//! The app as the portal sees it: a key, requests in JSON, and the opening of what is handed over,
//! written down a second time, so that the portal is not its own judge.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey, ecdh};
use serde_json::{Value, json};
use sha2::Sha256;

/// A phone with the app.
pub struct Phone {
    http: reqwest::Client,
    url: String,
    key: SecretKey,
}

/// Status and body of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// `done`, `refused` and so on.
    pub fn outcome(&self) -> String {
        self.json()["outcome"].as_str().unwrap_or_default().to_owned()
    }

    /// The credential of a request that was done.
    #[track_caller]
    pub fn credential(&self) -> Value {
        assert_eq!((self.status, self.outcome().as_str()), (200, "done"), "{self:?}");
        self.json()["credential"].clone()
    }
}

impl Phone {
    /// A phone whose key is made of this byte.
    pub fn new(url: &str, byte: u8) -> Phone {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let key = SecretKey::from_slice(&[byte; 32]).unwrap();
        Phone { http, url: url.to_owned(), key }
    }

    /// The public key as the app sends it.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.point())
    }

    fn point(&self) -> Vec<u8> {
        self.key.public_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// A POST with these headers and this body.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = self.http.post(format!("{}/token/api/{path}", self.url)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        Answer { status, text: answer.text().await.unwrap() }
    }

    /// A POST as the app sends it.
    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json"), ("Origin", self.url.as_str())];
        self.post(path, &headers, body.to_string()).await
    }

    /// Asks for a credential of its own making.
    pub async fn make(&self, portal: &str) -> Answer {
        let body = json!({ "portal": portal, "public_key": self.public_key() });
        self.post_json("credentials", &body).await
    }

    /// Sends TOK001.
    pub async fn set_up(&self, service_id: &str, user_id: &str, password: &str) -> Answer {
        let body = json!({
            "service_id": service_id,
            "user_id": user_id,
            "activation_password": password,
            "consent": true,
            "public_key": self.public_key(),
        });
        self.post_json("set-up", &body).await
    }

    /// Opens a part of what was handed over; none where it belongs elsewhere.
    pub fn open(&self, credential: &Value, part: usize, purpose: &str) -> Option<Vec<u8>> {
        let bytes = |value: &Value| URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap();
        let server_point = bytes(&credential["server_key"]);
        let server_key = PublicKey::from_sec1_bytes(&server_point).unwrap();
        let shared = ecdh::diffie_hellman(self.key.to_nonzero_scalar(), server_key.as_affine());
        let salt = [server_point, self.point()].concat();
        let text = |name: &str| credential[name].as_str().unwrap();
        let info = format!("madoguchi token 1 {} {}", text("portal"), text("serial"));
        let mut key = [0; 32];
        shared.extract::<Sha256>(Some(&salt)).expand(info.as_bytes(), &mut key).unwrap();
        let sealed = &credential["parts"][part];
        let nonce: [u8; 12] = bytes(&sealed["nonce"]).try_into().unwrap();
        let text = bytes(&sealed["sealed"]);
        let payload = Payload { msg: &text, aad: purpose.as_bytes() };
        Aes256Gcm::new_from_slice(&key).unwrap().decrypt(&Nonce::from(nonce), payload).ok()
    }

    /// The secret, the same for codes and for signing.
    #[track_caller]
    pub fn secret(&self, credential: &Value) -> Vec<u8> {
        let secret = self.open(credential, 0, "code").expect("opens with the app's key");
        assert_eq!(self.open(credential, 1, "sign").as_deref(), Some(secret.as_slice()));
        secret
    }
}
