//! What a page shows: its screen, its words, its links and its forms.

use dom_query::{Document, NodeRef};

use super::ScenarioError;
use super::model::{Press, Value};

/// What sends a form; a button of the page's script does not.
const BUTTONS: &str =
    "form button:not([type=button]), button[form]:not([type=button]), form input[type=submit]";

/// A page that was read.
pub struct PageView {
    document: Document,
}

/// What a form sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Name and value.
    Text(String, String),
    /// Name, name of the file and its bytes in Base64.
    File(String, String, String),
}

/// A form that was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// By POST, not by GET.
    pub is_post: bool,
    /// As multipart/form-data.
    pub is_multipart: bool,
    /// What it sends.
    pub fields: Vec<Field>,
}

impl PageView {
    /// Reads HTML.
    #[must_use]
    pub fn of(html: &str) -> PageView {
        PageView { document: Document::from(html) }
    }

    /// 画面ID; empty for what is no screen.
    #[must_use]
    pub fn screen(&self) -> String {
        self.document.select("body").attr("data-screen").unwrap_or_default().to_string()
    }

    /// Title.
    #[must_use]
    pub fn title(&self) -> String {
        words(&self.document.select("h1").text())
    }

    /// What stands on it, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let main = self.document.select("main");
        let Some(main) = main.nodes().first() else { return Vec::new() };
        let lines = main.formatted_text();
        lines.lines().map(words).filter(|line| !line.is_empty()).collect()
    }

    /// Where the link with these words leads.
    ///
    /// # Errors
    /// [`ScenarioError::NoLink`].
    pub fn link(&self, link: &str, row: Option<&str>) -> Result<String, ScenarioError> {
        let links = self.document.select("a[href]");
        let found = best(links.nodes(), link, row);
        let href = found.and_then(|node| node.attr("href"));
        href.map(|href| href.to_string()).ok_or_else(|| ScenarioError::NoLink(link.to_owned()))
    }

    /// The words of the first link that leads there, with those of its row where others read alike.
    #[must_use]
    pub fn link_to(&self, path: &str) -> Option<(String, Option<String>)> {
        let links = self.document.select("a[href]");
        let leads = |node: &&NodeRef<'_>| node.attr("href").is_some_and(|href| *href == *path);
        let node = links.nodes().iter().find(leads)?;
        let link = words(&node.text());
        let alike = |row: Option<&str>| self.link(&link, row).is_ok_and(|found| found == path);
        if link.is_empty() {
            return None;
        }
        if alike(None) {
            return Some((link, None));
        }
        let row = rows_of(node).into_iter().find(|row| alike(Some(row)))?;
        Some((link, Some(row)))
    }

    /// The form with this button, filled in.
    ///
    /// # Errors
    /// [`ScenarioError::NoButton`], [`ScenarioError::NoField`].
    pub fn fill(&self, press: &Press) -> Result<Form, ScenarioError> {
        let no_button = || ScenarioError::NoButton(press.button.clone());
        let buttons = self.document.select(BUTTONS);
        let button = best(buttons.nodes(), &press.button, press.row.as_deref());
        let button = button.ok_or_else(no_button)?;
        let form = self.form_of(&button).ok_or_else(no_button)?;
        let mut inputs = self.inputs(&form);
        for (key, value) in &press.fields {
            set(&mut inputs, key, value)?;
        }
        for (labels, is_on) in [(&press.tick, true), (&press.clear, false)] {
            for label in labels {
                let found = inputs.iter_mut().find(|input| {
                    input.kind == Kind::Box && input.labels.iter().any(|known| known == label)
                });
                let found = found.ok_or_else(|| ScenarioError::NoField(label.clone()))?;
                found.is_on = is_on;
            }
        }
        let mut fields: Vec<Field> = inputs.into_iter().filter_map(Input::sent).collect();
        if let Some(name) = button.attr("name") {
            fields.push(Field::Text(name.to_string(), button.attr_or("value", "").to_string()));
        }
        let action = button.attr("formaction").or_else(|| form.attr("action"));
        Ok(Form {
            action: action.map_or_else(String::new, |action| action.to_string()),
            is_post: form.attr_or("method", "get").eq_ignore_ascii_case("post"),
            is_multipart: *form.attr_or("enctype", "") == *"multipart/form-data",
            fields,
        })
    }

    /// How to get the same form sent: the button that sends these fields to `action`, and what was
    /// typed and chosen, where the page stands at `from`. Nothing where no form of it goes there.
    #[must_use]
    pub fn press_for(
        &self,
        (from, action): (&str, &str),
        sent: &[(String, String)],
    ) -> Option<Press> {
        let buttons = self.document.select(BUTTONS);
        let value_of = |name: &str| {
            sent.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        let leads = |button: &&NodeRef<'_>| {
            let form = self.form_of(button);
            let own = button.attr("formaction").or_else(|| form.as_ref()?.attr("action"));
            // Of several forms to one place, the one whose hidden fields were sent.
            let is_same = form.is_some_and(|form| {
                let hidden = |input: &Input| input.kind == Kind::Hidden;
                let inputs = self.inputs(&form);
                inputs.iter().filter(|input| hidden(input)).all(|input| {
                    sent.iter().any(|(name, value)| (name, value) == (&input.name, &input.value))
                })
            });
            let name = button.attr("name");
            let is_pressed = name
                .is_none_or(|name| value_of(&name) == Some(button.attr_or("value", "").as_ref()));
            let own = own.map(|own| absolute(&own, from)).unwrap_or_else(|| from.to_owned());
            is_same && is_pressed && bare(&own) == bare(action)
        };
        let button = buttons.nodes().iter().find(leads)?;
        let form = self.form_of(button)?;
        let mut press = Press { button: label_of(button), ..Press::default() };
        for input in self.inputs(&form) {
            input.record(sent, &mut press);
        }
        let same = |row: Option<&str>| {
            best(buttons.nodes(), &press.button, row).is_some_and(|found| found.id == button.id)
        };
        if !same(None) {
            press.row = rows_of(button).into_iter().find(|row| same(Some(row)));
        }
        Some(press)
    }

    /// The form that a button sends: the one it names, else the one it stands in.
    fn form_of<'a>(&'a self, button: &NodeRef<'a>) -> Option<NodeRef<'a>> {
        if let Some(id) = button.attr("form") {
            return having(&self.document, "form[id]", "id", &id).into_iter().next();
        }
        button.ancestors_it(None).find(|node| node.has_name("form"))
    }

    fn inputs(&self, form: &NodeRef<'_>) -> Vec<Input> {
        let all = form
            .descendants_it()
            .filter(|node| ["input", "select", "textarea"].iter().any(|name| node.has_name(name)));
        all.filter_map(|node| Input::of(&self.document, &node)).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hidden,
    Text,
    Box,
    Radio,
    Select,
    File,
}

/// A field of a form.
#[derive(Debug, Clone)]
struct Input {
    kind: Kind,
    name: String,
    value: String,
    /// What it is called: its label, what it is described as, its row.
    labels: Vec<String>,
    /// Ticked, or sent at all.
    is_on: bool,
    /// Value and words of each choice.
    choices: Vec<(String, String)>,
    /// The file of a file field: its name and bytes.
    file: Option<(String, String)>,
}

impl Input {
    fn of(document: &Document, node: &NodeRef<'_>) -> Option<Input> {
        let name = node.attr("name")?.to_string();
        if node.has_attr("disabled") {
            return None;
        }
        let mut input = Input {
            kind: Kind::Text,
            name,
            value: node.attr_or("value", "").to_string(),
            labels: labels(document, node),
            is_on: true,
            choices: Vec::new(),
            file: None,
        };
        if node.has_name("textarea") {
            input.value = node.text().to_string();
        } else if node.has_name("select") {
            input.kind = Kind::Select;
            let options: Vec<NodeRef<'_>> =
                node.descendants_it().filter(|node| node.has_name("option")).collect();
            let value = |option: &NodeRef<'_>| {
                option.attr("value").map_or_else(|| words(&option.text()), |v| v.to_string())
            };
            let chosen = options.iter().find(|option| option.has_attr("selected"));
            input.value = chosen.or(options.first()).map(value).unwrap_or_default();
            input.choices =
                options.iter().map(|option| (value(option), words(&option.text()))).collect();
        } else {
            input.kind = match node.attr_or("type", "text").as_ref() {
                "hidden" => Kind::Hidden,
                "checkbox" => Kind::Box,
                "radio" => Kind::Radio,
                "file" => Kind::File,
                "submit" | "button" | "reset" | "image" => return None,
                _ => Kind::Text,
            };
            if matches!(input.kind, Kind::Box | Kind::Radio) {
                input.is_on = node.has_attr("checked");
                input.value = node.attr_or("value", "on").to_string();
            }
        }
        Some(input)
    }

    fn is_called(&self, key: &str) -> bool {
        self.name == key || self.labels.iter().any(|label| label == key)
    }

    fn sent(self) -> Option<Field> {
        match self.kind {
            Kind::File => {
                let (name, bytes) = self.file.unwrap_or_default();
                Some(Field::File(self.name, name, bytes))
            }
            _ => self.is_on.then_some(Field::Text(self.name, self.value)),
        }
    }

    /// What a person did to it, as far as it differs from what the page had.
    fn record(&self, sent: &[(String, String)], press: &mut Press) {
        let values = || sent.iter().filter(|(name, _)| *name == self.name).map(|(_, value)| value);
        let label = || self.labels.first().cloned();
        match self.kind {
            Kind::Hidden | Kind::File => {}
            Kind::Box => {
                let is_sent = values().any(|value| *value == self.value);
                let Some(label) = label() else { return };
                match (self.is_on, is_sent) {
                    (false, true) => press.tick.push(label),
                    (true, false) => press.clear.push(label),
                    _ => {}
                }
            }
            Kind::Radio => {
                if !self.is_on && values().any(|value| *value == self.value) {
                    let value = match label() {
                        Some(label) => Value::Choice { label },
                        None => Value::Text(self.value.clone()),
                    };
                    press.fields.insert(self.name.clone(), value);
                }
            }
            Kind::Select => {
                let Some(value) = values().next().filter(|value| **value != self.value) else {
                    return;
                };
                let choice = self.choices.iter().find(|(known, _)| known == value);
                let value = match choice {
                    Some((_, label)) => Value::Choice { label: label.clone() },
                    None => Value::Text(value.clone()),
                };
                press.fields.insert(self.name.clone(), value);
            }
            Kind::Text => {
                if let Some(value) = values().next().filter(|value| **value != self.value) {
                    press.fields.insert(self.name.clone(), Value::Text(value.clone()));
                }
            }
        }
    }
}

/// Types or chooses.
fn set(inputs: &mut [Input], key: &str, value: &Value) -> Result<(), ScenarioError> {
    let missing = || ScenarioError::NoField(key.to_owned());
    let is_radio = inputs.iter().any(|input| input.kind == Kind::Radio && input.name == key);
    if is_radio {
        let is_it = |input: &Input| match value {
            Value::Text(text) => input.value == *text,
            // What changes from day to day, a balance, may stand behind the words.
            Value::Choice { label } => input.labels.iter().any(|known| known.starts_with(label)),
            Value::File { .. } | Value::Lines { .. } => false,
        };
        let mut is_found = false;
        for input in inputs.iter_mut().filter(|input| input.name == key) {
            input.is_on = !is_found && is_it(input);
            is_found |= input.is_on;
        }
        return if is_found { Ok(()) } else { Err(missing()) };
    }
    let by_name = inputs.iter().position(|input| input.name == key);
    let by_label = || inputs.iter().position(|input| input.is_called(key));
    let at = by_name.or_else(by_label).ok_or_else(missing)?;
    let input = inputs.get_mut(at).ok_or_else(missing)?;
    match value {
        Value::Text(text) => input.value.clone_from(text),
        Value::Lines { .. } => input.value = value.typed().unwrap_or_default(),
        Value::Choice { label } => {
            let choice = input.choices.iter().find(|(_, words)| words == label);
            let choice = choice.ok_or_else(|| ScenarioError::NoField(label.clone()))?;
            input.value.clone_from(&choice.0);
        }
        Value::File { file_name, base64 } => {
            input.file = Some((file_name.clone(), base64.clone()));
        }
    }
    // Who names a box by its value ticks it.
    input.is_on = true;
    Ok(())
}

/// Everything a field is called, the most particular name first.
fn labels(document: &Document, node: &NodeRef<'_>) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(node.attr("aria-label").map(|label| words(&label)));
    if let Some(id) = node.attr("id") {
        let of = having(document, "label[for]", "for", &id);
        all.extend(of.iter().map(|label| words(&label.text())));
    }
    let label = node.ancestors_it(None).find(|node| node.has_name("label"));
    all.extend(label.map(|label| words(&label.text())));
    if let Some(ids) = node.attr("aria-labelledby") {
        let named = ids.split_whitespace().flat_map(|id| having(document, "[id]", "id", id));
        let text: Vec<String> = named.map(|part| words(&part.text())).collect();
        all.push(text.join(" "));
    }
    all.retain(|label| !label.is_empty());
    all
}

/// What has this attribute with this value. The value is no part of a selector: a page may have any
/// id, and a selector that cannot be read is a panic.
fn having<'a>(
    document: &'a Document,
    selector: &'static str,
    name: &str,
    value: &str,
) -> Vec<NodeRef<'a>> {
    let all = document.select(selector);
    let is_it = |node: &&NodeRef<'a>| node.attr(name).is_some_and(|found| *found == *value);
    all.nodes().iter().filter(is_it).cloned().collect()
}

/// A button's words.
fn label_of(node: &NodeRef<'_>) -> String {
    let text = words(&node.text());
    if text.is_empty() { node.attr_or("value", "").to_string() } else { text }
}

/// The words of what a link or button stands in, from the nearest outwards.
fn rows_of(node: &NodeRef<'_>) -> Vec<String> {
    let parts = ["tr", "li", "article", "fieldset", "section", "form", "div"];
    let around =
        node.ancestors_it(None).filter(|node| parts.iter().any(|name| node.has_name(name)));
    let texts = around.map(|part| words(&part.text())).filter(|text| !text.is_empty());
    texts.collect()
}

/// The first whose words are these, else the first whose words begin so; in a row with `row`, where
/// that is asked for.
fn best<'a>(nodes: &[NodeRef<'a>], label: &str, row: Option<&str>) -> Option<NodeRef<'a>> {
    let is_in_row = |node: &&NodeRef<'a>| {
        row.is_none_or(|row| {
            // The nearest part that is more than the link itself.
            let nearest = rows_of(node).into_iter().find(|text| *text != label_of(node));
            nearest.is_some_and(|text| text.contains(row))
        })
    };
    let fits = |is_it: &dyn Fn(&str) -> bool| {
        nodes.iter().filter(is_in_row).find(|node| is_it(&label_of(node))).cloned()
    };
    fits(&|text| text == label).or_else(|| fits(&|text| text.starts_with(label)))
}

/// An address of the page at `from`, without the server and without a place in the page.
pub(super) fn absolute(path: &str, from: &str) -> String {
    let folder = || bare(from).rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = match path {
        "" => from.to_owned(),
        path if path.starts_with('/') => path.to_owned(),
        path if path.starts_with('?') => format!("{}{path}", bare(from)),
        path => format!("{}/{path}", folder()),
    };
    whole.split('#').next().unwrap_or_default().to_owned()
}

/// An address without its query.
pub(super) fn bare(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// The text with single spaces.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
