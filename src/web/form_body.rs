//! Forms as they arrive: read raw, at most 64 KiB, strict UTF-8 (or, from a feature phone, strictly
//! the character set that its pages come in), no unknown and no repeated field,
//! and never without the check against forged requests: there is no other way to the fields.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;
use serde::de::value::{Error as FieldError, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use validator::Validate;

use crate::domain::user::Channel;
use crate::operations::one_time_key::RequestKey;
use crate::operations::staff::request::StaffKey;
use crate::primitives::ids::UserId;
use crate::primitives::keys::KeyRing;
use crate::web::csrf;
use crate::web::failure::PageError;
use crate::web::mobile::charset::Charset;
use crate::web::principal::Who;
use crate::web::staff::principal::StaffWho;
use crate::web::staff::visit::StaffVisit;
use crate::web::visit::Visit;

const CSRF_FIELD: &str = "csrf_token";
const KEY_FIELD: &str = "request_key";
const REQUEST_KEY_LENGTH: usize = 43;

/// The fields of a form, not trusted yet.
#[derive(Debug)]
pub struct FormBody {
    fields: Vec<(String, String)>,
}

impl FormBody {
    /// The fields of a form that came otherwise than URL-encoded.
    ///
    /// # Errors
    /// 400 for a field that came twice or has a NUL character.
    pub(in crate::web) fn from_fields(
        fields: Vec<(String, String)>,
    ) -> Result<FormBody, PageError> {
        for (place, (name, value)) in fields.iter().enumerate() {
            if value.contains('\0') {
                return Err(PageError::BadRequest("a NUL character"));
            }
            if fields.iter().take(place).any(|(known, _)| known == name) {
                return Err(PageError::BadRequest("a field came twice"));
            }
        }
        Ok(FormBody { fields })
    }

    /// The fields of a form before login.
    ///
    /// # Errors
    /// 403 for a forged or outdated form, 400 for one that is not ours.
    pub fn public<T: DeserializeOwned + Validate>(mut self, visit: &Visit) -> Result<T, PageError> {
        self.check_csrf(&visit.visitor.token)?;
        self.read()
    }

    /// The fields of a form of somebody identified.
    ///
    /// # Errors
    /// As [`FormBody::public`].
    pub fn of<T: DeserializeOwned + Validate>(mut self, who: &Who) -> Result<T, PageError> {
        self.check_csrf(&csrf::login_token(&who.login.csrf_secret))?;
        self.read()
    }

    /// The fields of a final act, with its one-time key bound to user, act and content.
    ///
    /// # Errors
    /// As [`FormBody::public`].
    pub fn keyed<T: DeserializeOwned + Validate>(
        mut self,
        visit: &Visit,
        who: &Who,
        operation: &'static str,
    ) -> Result<(T, RequestKey), PageError> {
        self.check_csrf(&csrf::login_token(&who.login.csrf_secret))?;
        let payload_digest = self.payload_digest(&visit.app.services.keys, "");
        self.keyed_of(who, operation, payload_digest)
    }

    fn keyed_of<T: DeserializeOwned + Validate>(
        mut self,
        who: &Who,
        operation: &'static str,
        payload_digest: String,
    ) -> Result<(T, RequestKey), PageError> {
        let key = self.take_key()?;
        let user_id: UserId = who.user.id;
        Ok((self.read()?, RequestKey { key, user_id, operation, payload_digest }))
    }

    /// The fields of a form of staff before login.
    ///
    /// # Errors
    /// As [`FormBody::public`].
    pub fn staff_public<T: DeserializeOwned + Validate>(
        mut self,
        visit: &StaffVisit,
    ) -> Result<T, PageError> {
        self.check_csrf(&visit.visitor.token)?;
        self.read()
    }

    /// The fields of a form of a member of staff.
    ///
    /// # Errors
    /// As [`FormBody::public`].
    pub fn of_staff<T: DeserializeOwned + Validate>(
        mut self,
        who: &StaffWho,
    ) -> Result<T, PageError> {
        self.check_csrf(&csrf::login_token(&who.login.csrf_secret))?;
        self.read()
    }

    /// The fields of an act of staff, with its one-time key bound to act and content.
    ///
    /// # Errors
    /// As [`FormBody::public`].
    pub fn staff_keyed<T: DeserializeOwned + Validate>(
        mut self,
        visit: &StaffVisit,
        who: &StaffWho,
        act: &str,
    ) -> Result<(T, StaffKey), PageError> {
        self.check_csrf(&csrf::login_token(&who.login.csrf_secret))?;
        let payload_digest = self.payload_digest(&visit.app.services.keys, act);
        let key = self.take_key()?;
        Ok((self.read()?, StaffKey { key, payload_digest }))
    }

    fn take_key(&mut self) -> Result<String, PageError> {
        let key = self.take(KEY_FIELD).ok_or(PageError::BadRequest("no one-time key"))?;
        if key.len() != REQUEST_KEY_LENGTH || !key.is_ascii() {
            return Err(PageError::BadRequest("no one-time key"));
        }
        Ok(key)
    }

    /// As [`FormBody::keyed`], for a list in which lines are ticked: the names of the ticked boxes
    /// without their common `prefix` come apart from the other fields.
    ///
    /// # Errors
    /// As [`FormBody::public`].
    pub fn ticked<T: DeserializeOwned + Validate>(
        mut self,
        visit: &Visit,
        who: &Who,
        operation: &'static str,
        prefix: &str,
    ) -> Result<(T, Vec<String>, RequestKey), PageError> {
        self.check_csrf(&csrf::login_token(&who.login.csrf_secret))?;
        let payload_digest = self.payload_digest(&visit.app.services.keys, "");
        let ticks = self.take_ticks(prefix);
        let (input, key) = self.keyed_of(who, operation, payload_digest)?;
        Ok((input, ticks, key))
    }

    /// As [`FormBody::of`], with the names of the ticked boxes as in [`FormBody::ticked`].
    ///
    /// # Errors
    /// As [`FormBody::public`].
    pub fn boxes<T: DeserializeOwned + Validate>(
        mut self,
        who: &Who,
        prefix: &str,
    ) -> Result<(T, Vec<String>), PageError> {
        self.check_csrf(&csrf::login_token(&who.login.csrf_secret))?;
        let ticks = self.take_ticks(prefix);
        Ok((self.read()?, ticks))
    }

    fn take_ticks(&mut self, prefix: &str) -> Vec<String> {
        let mut ticks = Vec::new();
        self.fields.retain(|(name, _)| match name.strip_prefix(prefix) {
            Some(tick) => {
                ticks.push(tick.to_owned());
                false
            }
            None => true,
        });
        ticks
    }

    fn check_csrf(&mut self, expected: &str) -> Result<(), PageError> {
        match self.take(CSRF_FIELD) {
            Some(given) if csrf::is_same(expected, &given) => Ok(()),
            Some(_) => Err(PageError::Forbidden("a forged or outdated form")),
            None => Err(PageError::Forbidden("a form without its token")),
        }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let place = self.fields.iter().position(|(field, _)| field == name)?;
        Some(self.fields.remove(place).1)
    }

    /// Keyed digest of everything but the form's own key and token.
    fn payload_digest(&self, keys: &KeyRing, act: &str) -> String {
        let mut fields: Vec<_> = self.fields.iter().filter(|(name, _)| name != KEY_FIELD).collect();
        fields.sort();
        let text = serde_json::to_string(&fields).unwrap_or_default();
        keys.digest("form", &[act, &text].concat())
    }

    fn read<T: DeserializeOwned + Validate>(self) -> Result<T, PageError> {
        let fields = self.fields.into_iter().map(|(name, value)| (name, Text(value)));
        let form = T::deserialize(MapDeserializer::<_, FieldError>::new(fields))
            .map_err(|_| PageError::BadRequest("fields missing, repeated or unknown"))?;
        form.validate().map_err(|_| PageError::BadRequest("a field is over-long"))?;
        Ok(form)
    }
}

/// A field's value: a text, and a present one where the form has an optional field.
struct Text(String);

impl<'de> Deserializer<'de> for Text {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, FieldError> for Text {
    type Deserializer = Text;

    fn into_deserializer(self) -> Text {
        self
    }
}

impl FromRequest for FormBody {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<FormBody, PageError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form =
            req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(
                |value| {
                    let kind = value.split(';').next().unwrap_or_default().trim();
                    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
                },
            );
        let charset = match req.app_data::<Channel>() {
            Some(Channel::Mobile) => Charset::of(req.headers()),
            _ => Charset::Utf8,
        };
        let body = Bytes::from_request(req, payload);
        Box::pin(async move {
            if !is_form {
                return Err(PageError::WrongType);
            }
            let body = body.await.map_err(|_| PageError::TooLarge)?;
            parse(&body, charset)
        })
    }
}

fn parse(body: &[u8], charset: Charset) -> Result<FormBody, PageError> {
    let bad = || PageError::BadRequest("the form is not of its character set");
    let text = std::str::from_utf8(body).map_err(|_| bad())?;
    let mut fields: Vec<(String, String)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let text = |part: &str| decode(part, charset).ok_or_else(bad);
        let (name, value) = (text(name)?, text(value)?);
        if value.contains('\0') {
            return Err(PageError::BadRequest("a NUL character"));
        }
        if fields.iter().any(|(known, _)| *known == name) {
            return Err(PageError::BadRequest("a field came twice"));
        }
        fields.push((name, value));
    }
    Ok(FormBody { fields })
}

fn decode(text: &str, charset: Charset) -> Option<String> {
    let spaced = text.replace('+', " ");
    let bytes: Vec<u8> = percent_decode_str(&spaced).collect();
    charset.decode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_strictly() {
        let form = parse("a=1&b=%E3%81%82+x".as_bytes(), Charset::Utf8).unwrap();
        assert_eq!(form.fields, [("a".into(), "1".into()), ("b".into(), "あ x".into())]);
        for bad in ["a=1&a=2", "a=%FF", "a=%00"] {
            assert!(parse(bad.as_bytes(), Charset::Utf8).is_err(), "{bad}");
        }
        assert!(parse(&[0xff], Charset::Utf8).is_err());
        let form = parse("a=%82%51%82O".as_bytes(), Charset::ShiftJis).unwrap();
        assert_eq!(form.fields, [("a".into(), "２０".into())]);
        assert!(parse("a=%82".as_bytes(), Charset::ShiftJis).is_err());
    }
}
