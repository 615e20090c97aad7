//! XML of key files, one child of the root at a time, so that memory does not grow with the file.
//!
//! Names are compared by namespace and local name, never by prefix. Document types and entities
//! other than the five of XML itself are refused, and depth, size and number are bounded.

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;
use quick_xml::{Error, XmlVersion};
use zeroize::Zeroizing;

use crate::keyfile::error::KeyFileError;

const DEPTH_MAX: usize = 32;
const ELEMENTS_PER_CHILD_MAX: usize = 2_000;
const START_TAG_BYTES_MAX: usize = 16 * 1024;

/// The namespaces that PSKC documents are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ns {
    /// `urn:ietf:params:xml:ns:keyprov:pskc`
    Pskc,
    /// XML Encryption.
    Xenc,
    /// XML Encryption 1.1.
    Xenc11,
    /// PKCS #5.
    Pkcs5,
    /// XML Signature.
    Ds,
    /// In no namespace.
    None,
    /// In any other.
    Other,
}

impl Ns {
    fn from_resolved(resolved: &ResolveResult) -> Option<Ns> {
        match resolved {
            ResolveResult::Unbound => Some(Ns::None),
            ResolveResult::Unknown(_) => None,
            ResolveResult::Bound(Namespace(uri)) => Some(match *uri {
                "urn:ietf:params:xml:ns:keyprov:pskc" => Ns::Pskc,
                "http://www.w3.org/2001/04/xmlenc#" => Ns::Xenc,
                "http://www.w3.org/2009/xmlenc11#" => Ns::Xenc11,
                "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#" => Ns::Pkcs5,
                "http://www.w3.org/2000/09/xmldsig#" => Ns::Ds,
                _ => Ns::Other,
            }),
        }
    }
}

/// An element with all that is in it. Its text is wiped, because it may be a secret.
pub(crate) struct Element {
    pub(crate) ns: Ns,
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    text: Zeroizing<String>,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn is(&self, ns: Ns, name: &str) -> bool {
        self.ns == ns && self.name == name
    }

    /// The first child of that name.
    pub(crate) fn child(&self, ns: Ns, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is(ns, name))
    }

    /// The value of an attribute without a prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(attribute, _)| attribute == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The text directly in it, without white space around it.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    fn push_text(&mut self, text: &str) {
        let bytes = self.text.len() + text.len();
        if bytes > self.text.capacity() {
            // Grown by hand, so that the old buffer is wiped; doubled, or a text in a million
            // pieces would be copied a million times.
            let capacity = bytes.max(self.text.capacity() * 2);
            let mut grown = Zeroizing::new(String::with_capacity(capacity));
            grown.push_str(&self.text);
            self.text = grown;
        }
        self.text.push_str(text);
    }
}

/// Reads a document child by child of its root.
pub(crate) struct XmlReader<'a> {
    text: &'a str,
    reader: NsReader<&'a [u8]>,
    is_root_empty: bool,
}

impl<'a> XmlReader<'a> {
    /// Reads up to the root's start tag and returns the root without its children.
    pub(crate) fn open(text: &'a str) -> Result<(XmlReader<'a>, Element), KeyFileError> {
        let reader = NsReader::from_str(text);
        let mut xml = XmlReader { text, reader, is_root_empty: false };
        loop {
            let (ns, event) = xml.next_event()?;
            match event {
                Event::Start(start) => {
                    let root = xml.element(ns, &start)?;
                    return Ok((xml, root));
                }
                Event::Empty(start) => {
                    let root = xml.element(ns, &start)?;
                    xml.is_root_empty = true;
                    return Ok((xml, root));
                }
                Event::Decl(declaration) => check_encoding(declaration.encoding())?,
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err(KeyFileError::DocumentType),
                // No element at all: whatever this file is, it is no XML.
                Event::Eof | Event::Text(_) => return Err(KeyFileError::WrongRoot),
                _ => return Err(xml.not_well_formed()),
            }
        }
    }

    /// The root's next child with all that is in it; `None` after the last one, once the rest of
    /// the document has been found to be empty.
    pub(crate) fn next_child(&mut self) -> Result<Option<Element>, KeyFileError> {
        while !self.is_root_empty {
            let (ns, event) = self.next_event()?;
            match event {
                Event::Start(start) => {
                    let element = self.element(ns, &start)?;
                    return self.read_content(element).map(Some);
                }
                Event::Empty(start) => return self.element(ns, &start).map(Some),
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Comment(_) | Event::PI(_) => {}
                Event::End(_) => break,
                Event::DocType(_) => return Err(KeyFileError::DocumentType),
                Event::Eof => return Err(KeyFileError::Truncated),
                _ => return Err(self.not_well_formed()),
            }
        }
        self.check_rest()?;
        Ok(None)
    }

    fn check_rest(&mut self) -> Result<(), KeyFileError> {
        loop {
            match self.next_event()?.1 {
                Event::Eof => return Ok(()),
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err(KeyFileError::DocumentType),
                _ => return Err(self.not_well_formed()),
            }
        }
    }

    fn read_content(&mut self, root: Element) -> Result<Element, KeyFileError> {
        let mut current = root;
        let mut parents: Vec<Element> = Vec::new();
        let mut element_count = 1;
        loop {
            let (ns, event) = self.next_event()?;
            match event {
                Event::Start(start) => {
                    element_count += 1;
                    let child = self.element(ns, &start)?;
                    parents.push(std::mem::replace(&mut current, child));
                }
                Event::Empty(start) => {
                    element_count += 1;
                    current.children.push(self.element(ns, &start)?);
                }
                Event::End(_) => match parents.pop() {
                    None => return Ok(current),
                    Some(parent) => {
                        let child = std::mem::replace(&mut current, parent);
                        current.children.push(child);
                    }
                },
                Event::Text(text) => current.push_text(&text.xml10_content()),
                Event::CData(text) => current.push_text(&text.xml10_content()),
                Event::GeneralRef(reference) => self.push_reference(&mut current, &reference)?,
                Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err(KeyFileError::DocumentType),
                Event::Eof => return Err(KeyFileError::Truncated),
                Event::Decl(_) => return Err(self.not_well_formed()),
            }
            if parents.len() > DEPTH_MAX || element_count > ELEMENTS_PER_CHILD_MAX {
                return Err(KeyFileError::TooComplex);
            }
        }
    }

    fn push_reference(
        &self,
        element: &mut Element,
        reference: &BytesRef,
    ) -> Result<(), KeyFileError> {
        match reference.resolve_char_ref() {
            Ok(Some(character)) => element.push_text(character.encode_utf8(&mut [0; 4])),
            Ok(None) => {
                let text = resolve_xml_entity(reference).ok_or(KeyFileError::DocumentType)?;
                element.push_text(text);
            }
            Err(_) => return Err(self.not_well_formed()),
        }
        Ok(())
    }

    fn next_event(&mut self) -> Result<(Option<Ns>, Event<'a>), KeyFileError> {
        match self.reader.read_resolved_event() {
            Ok((resolved, event)) => Ok((Ns::from_resolved(&resolved), event)),
            // All of these mean that the end of the file came before the end of something.
            Err(Error::Syntax(fault))
                if fault != quick_xml::errors::SyntaxError::InvalidBangMarkup =>
            {
                Err(KeyFileError::Truncated)
            }
            Err(_) => Err(self.not_well_formed()),
        }
    }

    fn element(&self, ns: Option<Ns>, start: &BytesStart) -> Result<Element, KeyFileError> {
        let ns = ns.ok_or_else(|| self.not_well_formed())?;
        if start.len() > START_TAG_BYTES_MAX {
            return Err(KeyFileError::TooComplex);
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| self.not_well_formed())?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| KeyFileError::DocumentType)?;
            attributes.push((attribute.key.0.to_owned(), value.into_owned()));
        }
        Ok(Element {
            ns,
            name: start.local_name().as_ref().to_owned(),
            attributes,
            text: Zeroizing::default(),
            children: Vec::new(),
        })
    }

    fn not_well_formed(&self) -> KeyFileError {
        let position = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
        let position = position.max(usize::try_from(self.reader.buffer_position()).unwrap_or(0));
        let before = self.text.bytes().take(position);
        KeyFileError::NotWellFormed { line: 1 + before.filter(|byte| *byte == b'\n').count() }
    }
}

/// The text was read as UTF-8: a declaration of something else means that it is something else.
fn check_encoding<E>(
    encoding: Option<Result<std::borrow::Cow<'_, str>, E>>,
) -> Result<(), KeyFileError> {
    match encoding {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("us-ascii") => Ok(()),
        Some(_) => Err(KeyFileError::NotUtf8),
    }
}
