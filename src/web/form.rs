//! The state of a form as a page shows it: fields with kept values and messages.
//!
//! A secret never carries its value back into a page; the types here see to it.

/// How a field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// A mail address.
    Email,
    /// A password: hidden, and never sent back.
    Secret,
    /// A one-time password or a mailed code: digits, and never sent back.
    Code,
    /// One of a few choices.
    Radio,
    /// One of many choices, folded away.
    Select,
    /// A file, which no page can bring back.
    File,
    /// One of the pictures of the picture card; the pick is never sent back.
    Picture,
}

/// One choice of a radio group.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The value sent.
    pub value: String,
    /// The words shown.
    pub label: String,
    /// A line that explains the choice.
    pub hint: Option<String>,
    /// Name of its picture below `static/`.
    pub image: Option<String>,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// One field of a form.
#[derive(Clone, Debug)]
pub struct FieldView {
    /// Name in the form, also the element's id.
    pub name: &'static str,
    /// The label.
    pub label: String,
    /// A hint below the label.
    pub hint: Option<String>,
    /// What the customer typed; always empty for secrets.
    value: String,
    /// What is wrong and what to do.
    pub error: Option<String>,
    /// How it is shown.
    pub kind: FieldKind,
    /// The `autocomplete` token, as `username`.
    pub autocomplete: &'static str,
    /// The `inputmode`, as `numeric`.
    pub inputmode: Option<&'static str>,
    /// Longest input. Leave room for the spaces and hyphens that are dropped later.
    pub maxlength: Option<usize>,
    /// What typing this code will do, as `このコードでログインします。` (codes only).
    pub purpose: Option<String>,
    /// Whether the software keyboard is offered.
    pub has_keyboard: bool,
    /// The choices of a radio group.
    pub choices: Vec<Choice>,
}

impl FieldView {
    fn new(kind: FieldKind, name: &'static str, label: impl Into<String>) -> Self {
        Self {
            name,
            label: label.into(),
            hint: None,
            value: String::new(),
            error: None,
            kind,
            autocomplete: "off",
            inputmode: None,
            maxlength: None,
            purpose: None,
            has_keyboard: false,
            choices: Vec::new(),
        }
    }

    /// A line of text.
    pub fn text(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(FieldKind::Text, name, label)
    }

    /// A mail address.
    pub fn email(name: &'static str, label: impl Into<String>) -> Self {
        let field = Self::new(FieldKind::Email, name, label);
        Self { autocomplete: "email", inputmode: Some("email"), ..field }
    }

    /// A password that is already known to the customer.
    pub fn secret(name: &'static str, label: impl Into<String>) -> Self {
        Self { autocomplete: "current-password", ..Self::new(FieldKind::Secret, name, label) }
    }

    /// A password that the customer chooses now.
    pub fn new_secret(name: &'static str, label: impl Into<String>) -> Self {
        Self { autocomplete: "new-password", ..Self::new(FieldKind::Secret, name, label) }
    }

    /// A code of digits; `purpose` says what it will do.
    pub fn code(name: &'static str, label: impl Into<String>, purpose: impl Into<String>) -> Self {
        let field = Self::new(FieldKind::Code, name, label);
        let purpose = Some(purpose.into());
        Self { autocomplete: "one-time-code", inputmode: Some("numeric"), purpose, ..field }
    }

    /// A file.
    pub fn file(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(FieldKind::File, name, label)
    }

    /// One of a few choices.
    pub fn radio(name: &'static str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self { choices, ..Self::new(FieldKind::Radio, name, label) }
    }

    /// One of many choices.
    pub fn select(name: &'static str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self { choices, ..Self::new(FieldKind::Select, name, label) }
    }

    /// One of the pictures of the picture card.
    pub fn picture(name: &'static str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self { choices, ..Self::new(FieldKind::Picture, name, label) }
    }

    /// With a hint below the label.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// With the value typed before; ignored where the value must not come back.
    pub fn value(self, value: impl Into<String>) -> Self {
        match self.kind {
            FieldKind::Text | FieldKind::Email => Self { value: value.into(), ..self },
            FieldKind::Secret
            | FieldKind::Code
            | FieldKind::Radio
            | FieldKind::Select
            | FieldKind::Picture
            | FieldKind::File => self,
        }
    }

    /// With a message.
    pub fn error(self, error: impl Into<String>) -> Self {
        Self { error: Some(error.into()), ..self }
    }

    /// With another `autocomplete` token.
    pub fn autocomplete(self, autocomplete: &'static str) -> Self {
        Self { autocomplete, ..self }
    }

    /// With the on-screen keyboard for `inputmode`.
    pub fn inputmode(self, inputmode: &'static str) -> Self {
        Self { inputmode: Some(inputmode), ..self }
    }

    /// With a longest input.
    pub fn maxlength(self, maxlength: usize) -> Self {
        Self { maxlength: Some(maxlength), ..self }
    }

    /// With the software keyboard beside it.
    pub fn with_keyboard(self) -> Self {
        Self { has_keyboard: true, ..self }
    }

    /// The value to show again.
    pub fn shown_value(&self) -> &str {
        &self.value
    }

    /// The element's `type`.
    pub fn input_type(&self) -> &'static str {
        match self.kind {
            FieldKind::Secret => "password",
            FieldKind::Email => "email",
            FieldKind::File => "file",
            FieldKind::Text
            | FieldKind::Code
            | FieldKind::Radio
            | FieldKind::Select
            | FieldKind::Picture => "text",
        }
    }

    /// Whether it is a file.
    pub fn is_file(&self) -> bool {
        self.kind == FieldKind::File
    }

    /// Whether it is a password.
    pub fn is_secret(&self) -> bool {
        self.kind == FieldKind::Secret
    }

    /// Whether it is a code.
    pub fn is_code(&self) -> bool {
        self.kind == FieldKind::Code
    }

    /// Whether it is a group of radio buttons, with or without pictures.
    pub fn is_group(&self) -> bool {
        matches!(self.kind, FieldKind::Radio | FieldKind::Picture)
    }

    /// Whether it is a choice among many, folded away.
    pub fn is_select(&self) -> bool {
        self.kind == FieldKind::Select
    }

    /// Whether it is a pick of a picture.
    pub fn is_picture(&self) -> bool {
        self.kind == FieldKind::Picture
    }

    /// The ids that describe the field: hint, purpose and message, as far as there are any.
    pub fn described_by(&self) -> Option<String> {
        let parts = [
            ("hint", self.hint.is_some()),
            ("purpose", self.purpose.is_some()),
            ("error", self.error.is_some()),
        ];
        let ids: Vec<String> = parts
            .iter()
            .filter(|(_, is_there)| *is_there)
            .map(|(part, _)| format!("{}-{part}", self.name))
            .collect();
        if ids.is_empty() { None } else { Some(ids.join(" ")) }
    }
}

/// One line of the error summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorLink {
    /// The element to jump to; none where no single field is at fault.
    pub target: Option<&'static str>,
    /// The same words as beside the field.
    pub message: String,
}

/// A form as a page shows it.
#[derive(Clone, Debug)]
pub struct FormView {
    /// Where it is posted to.
    pub action: Box<str>,
    /// The token against forged requests.
    pub csrf_token: Box<str>,
    /// The one-time key of a final act.
    pub request_key: Option<Box<str>>,
    /// Which draft the page shows, where the form confirms one.
    pub draft: Option<Box<str>>,
    /// The fields from top to bottom.
    pub fields: Vec<FieldView>,
    /// Messages that belong to no single field.
    pub errors: Vec<String>,
    /// A message about what the page's own template draws, with the element's id.
    pub apart: Option<Box<(&'static str, String)>>,
}

impl FormView {
    /// A form without messages.
    pub fn new(action: impl Into<String>, csrf_token: impl Into<String>) -> Self {
        Self {
            action: action.into().into(),
            csrf_token: csrf_token.into().into(),
            request_key: None,
            draft: None,
            fields: Vec::new(),
            errors: Vec::new(),
            apart: None,
        }
    }

    /// The label of a field, if the form has it.
    pub fn label_of(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.label.as_str())
    }

    /// With these fields.
    pub fn fields(self, fields: Vec<FieldView>) -> Self {
        Self { fields, ..self }
    }

    /// With the one-time key of a final act.
    pub fn request_key(self, key: impl Into<String>) -> Self {
        Self { request_key: Some(key.into().into()), ..self }
    }

    /// With the digest of the draft that the page shows.
    pub fn draft(self, digest: impl Into<String>) -> Self {
        Self { draft: Some(digest.into().into()), ..self }
    }

    /// With a message that belongs to no single field.
    pub fn error(mut self, message: impl Into<String>) -> Self {
        self.errors.push(message.into());
        self
    }

    /// Puts a message on the field `name`, or on the whole form if it has no such field.
    pub fn set_error(&mut self, name: &str, message: impl Into<String>) {
        match self.fields.iter_mut().find(|field| field.name == name) {
            Some(field) => field.error = Some(message.into()),
            None => self.errors.push(message.into()),
        }
    }

    /// Puts a message on the element that the page's own template draws, as a box beside a text.
    pub fn set_error_apart(&mut self, id: &'static str, message: impl Into<String>) {
        self.apart = Some(Box::new((id, message.into())));
    }

    /// What is wrong with such an element.
    pub fn error_apart(&self, id: &str) -> Option<&str> {
        let of = self.apart.as_deref().filter(|(of, _)| *of == id);
        of.map(|(_, message)| message.as_str())
    }

    /// Whether it has a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Whether the field offers this value to be chosen.
    pub fn offers(&self, name: &str, value: &str) -> bool {
        let of = self.fields.iter().find(|field| field.name == name);
        of.is_some_and(|field| field.choices.iter().any(|choice| choice.value == value))
    }

    /// Whether anything is wrong.
    pub fn is_invalid(&self) -> bool {
        !self.errors.is_empty()
            || self.apart.is_some()
            || self.fields.iter().any(|field| field.error.is_some())
    }

    /// What the page's title starts with.
    pub fn title_prefix(&self) -> &'static str {
        if self.is_invalid() { "エラー: " } else { "" }
    }

    /// The error summary: the form's own messages, then those of what stands above the fields, then
    /// the fields' from top to bottom.
    pub fn summary(&self) -> Vec<ErrorLink> {
        let own = self.errors.iter().map(|message| (None, message));
        let of_fields =
            self.fields.iter().filter_map(|field| Some((Some(field.name), field.error.as_ref()?)));
        let apart = self.apart.as_deref().map(|(id, message)| (Some(*id), message));
        own.chain(apart)
            .chain(of_fields)
            .map(|(target, message)| ErrorLink { target, message: message.clone() })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_codes_never_carry_a_value() {
        assert_eq!(FieldView::secret("password", "p").value("x").shown_value(), "");
        assert_eq!(FieldView::code("otp", "o", "q").value("123456").shown_value(), "");
        assert_eq!(FieldView::text("serial", "s").value("2V07").shown_value(), "2V07");
    }

    #[test]
    fn the_summary_repeats_the_words_beside_the_fields() {
        let fields = vec![FieldView::text("serial", "s").error("直してください。")];
        let form = FormView::new("/a", "t").fields(fields).error("全体");
        let targets: Vec<_> = form.summary().into_iter().map(|link| link.target).collect();
        assert_eq!(targets, [None, Some("serial")]);
        assert_eq!(form.title_prefix(), "エラー: ");
    }

    #[test]
    fn an_error_of_an_unknown_field_is_not_lost() {
        let mut form = FormView::new("/a", "t");
        form.set_error("nothing", "x");
        assert!(form.is_invalid());
    }
}
