//! Pages of A4 and their two fonts: measures, lines, boxes, and the file in the end. A page that is
//! done is kept compressed, so that a hundred of them are small.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use subsetter::{GlyphRemapper, subset};
use ttf_parser::{Face, GlyphId, RawFace, Tag};

use super::{LetterError, LetterFont};

/// A4, in points.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;

/// Whatever stands before these goes on with them on the same line (行頭禁則).
const NEVER_FIRST: &str = "、。，．」』）〕】・：；？！ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々%％";
/// These go on with what follows (行末禁則).
const NEVER_LAST: &str = "「『（〔【";

const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// A face as the page uses it.
pub(super) struct Type<'a> {
    face: Face<'a>,
    index: u32,
    name: &'static [u8],
    glyphs: GlyphRemapper,
    /// New glyph ids with the character and the width of each.
    used: BTreeMap<u16, (char, f32)>,
}

/// Which of the two faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Text,
    Code,
}

/// The pages.
pub(super) struct Paper<'a> {
    font: &'a LetterFont,
    text: Type<'a>,
    code: Type<'a>,
    /// Width and height of a page.
    size: (f32, f32),
    /// What stands on the pages before this one, compressed.
    before: Vec<Vec<u8>>,
    content: Content,
}

impl<'a> Type<'a> {
    fn new((face, index): (Face<'a>, u32), name: &'static [u8]) -> Type<'a> {
        Type { face, index, name, glyphs: GlyphRemapper::new(), used: BTreeMap::new() }
    }

    fn glyph(&self, c: char) -> GlyphId {
        // What the font lacks shows as its own sign for that.
        self.face.glyph_index(c).unwrap_or(GlyphId(0))
    }

    /// Thousandths of the size.
    fn advance(&self, glyph: GlyphId) -> f32 {
        let advance = self.face.glyph_hor_advance(glyph).unwrap_or(self.face.units_per_em());
        self.scaled(f32::from(advance))
    }

    fn scaled(&self, units: f32) -> f32 {
        units * 1000.0 / f32::from(self.face.units_per_em())
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(self.glyph(c))).sum::<f32>() * size / 1000.0
    }

    fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len());
        for c in text.chars() {
            let glyph = self.glyph(c);
            let (new, width) = (self.glyphs.remap(glyph.0), self.advance(glyph));
            self.used.insert(new, (c, width));
            bytes.extend(new.to_be_bytes());
        }
        bytes
    }
}

impl<'a> Paper<'a> {
    /// An empty first page of this width and height.
    pub(super) fn new(font: &'a LetterFont, size: (f32, f32)) -> Result<Paper<'a>, LetterError> {
        let (text, code) = (Type::new(font.text()?, b"F1"), Type::new(font.code()?, b"F2"));
        Ok(Paper { font, text, code, size, before: Vec::new(), content: Content::new() })
    }

    /// Goes on with an empty page.
    pub(super) fn turn(&mut self) -> Result<(), LetterError> {
        let content = std::mem::replace(&mut self.content, Content::new());
        self.before.push(compressed(&content.finish())?);
        Ok(())
    }

    pub(super) fn width(&self, style: Style, text: &str, size: f32) -> f32 {
        match style {
            Style::Text => self.text.width(text, size),
            Style::Code => self.code.width(text, size),
        }
    }

    /// One line whose base stands `y` below the top. `gray`: 0 is black.
    pub(super) fn line(
        &mut self,
        style: Style,
        text: &str,
        (x, y): (f32, f32),
        size: f32,
        gray: f32,
    ) {
        let face = match style {
            Style::Text => &mut self.text,
            Style::Code => &mut self.code,
        };
        let bytes = face.encode(text);
        self.content.set_fill_gray(gray);
        self.content.begin_text();
        self.content.set_font(Name(face.name), size);
        self.content.next_line(x, self.size.1 - y);
        self.content.show(Str(&bytes));
        self.content.end_text();
    }

    /// Lines of text within `width`; the base of the line after the last one.
    pub(super) fn lines(
        &mut self,
        text: &str,
        (x, mut y): (f32, f32),
        (width, size, leading): (f32, f32, f32),
    ) -> f32 {
        for line in self.broken(text, width, size) {
            self.line(Style::Text, &line, (x, y), size, 0.1);
            y += leading;
        }
        y
    }

    /// A filled box whose top stands `y` below the top of the page.
    pub(super) fn filled(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), gray: f32) {
        self.content.set_fill_gray(gray);
        self.content.rect(x, self.size.1 - y - height, width, height);
        self.content.fill_nonzero();
    }

    /// A thin line across.
    pub(super) fn rule(&mut self, (x, y): (f32, f32), width: f32) {
        self.filled((x, y), (width, 0.6), 0.6);
    }

    fn broken(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        let (mut lines, mut line) = (Vec::new(), String::new());
        for part in parts(text) {
            let longer = [line.as_str(), part.as_str()].concat();
            if !line.is_empty() && self.text.width(&longer, size) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(&part);
        }
        lines.push(line);
        lines
    }

    /// The file.
    pub(super) fn finish(mut self, title: &str) -> Result<Vec<u8>, LetterError> {
        self.turn()?;
        let mut next = 0;
        let mut id = || {
            next += 1;
            Ref::new(next)
        };
        let (catalog, tree, info, text_id, code_id) = (id(), id(), id(), id(), id());
        let pages: Vec<(Ref, Ref)> = self.before.iter().map(|_| (id(), id())).collect();
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree).lang(TextStr("ja-JP"));
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree).kids(pages.iter().map(|(page, _)| *page)).count(count);
        pdf.document_info(info).title(TextStr(title));
        for ((page, content), drawn) in pages.iter().zip(&self.before) {
            let mut sheet = pdf.page(*page);
            let (width, height) = self.size;
            sheet.media_box(Rect::new(0.0, 0.0, width, height)).parent(tree).contents(*content);
            let mut resources = sheet.resources();
            let mut fonts = resources.fonts();
            fonts.pair(Name(self.text.name), text_id);
            fonts.pair(Name(self.code.name), code_id);
            fonts.finish();
            resources.finish();
            sheet.finish();
            pdf.stream(*content, drawn).filter(Filter::FlateDecode);
        }
        for (face, font_id) in [(&self.text, text_id), (&self.code, code_id)] {
            embed(&mut pdf, self.font.data(), face, [font_id, id(), id(), id(), id()])?;
        }
        Ok(pdf.finish())
    }
}

/// As PDF readers take it apart again.
fn compressed(bytes: &[u8]) -> Result<Vec<u8>, LetterError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.map_err(LetterError::Compress)
}

/// What is never broken: words of half-width characters, and characters with what clings to them.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for c in text.chars() {
        let clings = parts.last().is_some_and(|part| {
            let last = part.chars().next_back().unwrap_or(' ');
            let is_word = c.is_ascii_graphic() && last.is_ascii_graphic();
            is_word || NEVER_FIRST.contains(c) || NEVER_LAST.contains(last)
        });
        match parts.last_mut().filter(|_| clings) {
            Some(part) => part.push(c),
            None => parts.push(c.to_string()),
        }
    }
    parts
}

fn embed(
    pdf: &mut Pdf,
    data: &[u8],
    face: &Type<'_>,
    [font_id, cid_id, descriptor_id, cmap_id, file_id]: [Ref; 5],
) -> Result<(), LetterError> {
    let wrong = |error: subsetter::Error| LetterError::Subset(error.to_string());
    let program = subset(data, face.index, &face.glyphs).map_err(wrong)?;
    let cff = RawFace::parse(&program, 0).ok().and_then(|raw| raw.table(Tag::from_bytes(b"CFF ")));
    let is_cff = cff.is_some();
    // Six letters say that it is a part of the font.
    let name = [b"MADOGU+Letter", face.name].concat();
    let name = Name(&name);
    pdf.type0_font(font_id)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid_id)
        .to_unicode(cmap_id);
    let mut cid = pdf.cid_font(cid_id);
    cid.subtype(if is_cff { CidFontType::Type0 } else { CidFontType::Type2 })
        .base_font(name)
        .system_info(IDENTITY)
        .font_descriptor(descriptor_id)
        .default_width(1000.0);
    if !is_cff {
        cid.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let mut widths = cid.widths();
    for (glyph, (_, width)) in &face.used {
        widths.consecutive(*glyph, [*width]);
    }
    widths.finish();
    cid.finish();
    describe(pdf, face, descriptor_id, (name, file_id, is_cff));
    let mut cmap = UnicodeCmap::new(Name(b"MadoguchiLetter"), IDENTITY);
    for (glyph, (c, _)) in &face.used {
        cmap.pair(*glyph, *c);
    }
    pdf.cmap(cmap_id, &cmap.finish());
    let mut file = pdf.stream(file_id, cff.unwrap_or(&program));
    if is_cff {
        file.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    file.finish();
    Ok(())
}

fn describe(
    pdf: &mut Pdf,
    face: &Type<'_>,
    descriptor_id: Ref,
    (name, file_id, is_cff): (Name<'_>, Ref, bool),
) {
    let of = |units: i16| face.scaled(f32::from(units));
    let bounds = face.face.global_bounding_box();
    let cap_height = face.face.capital_height().unwrap_or(face.face.ascender());
    let mut descriptor = pdf.font_descriptor(descriptor_id);
    descriptor
        .name(name)
        .flags(FontFlags::NON_SYMBOLIC)
        .bbox(Rect::new(of(bounds.x_min), of(bounds.y_min), of(bounds.x_max), of(bounds.y_max)))
        .italic_angle(0.0)
        .ascent(of(face.face.ascender()))
        .descent(of(face.face.descender()))
        .cap_height(of(cap_height))
        .stem_v(80.0);
    if is_cff {
        descriptor.font_file3(file_id);
    } else {
        descriptor.font_file2(file_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_never_broken_where_japanese_is_not() {
        assert_eq!(parts("あい、う"), ["あ", "い、", "う"]);
        assert_eq!(parts("「あ」0120-000-104へ"), ["「あ」", "0120-000-104", "へ"]);
    }
}
