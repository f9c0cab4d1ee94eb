//! JSON as Go's encoder writes it, so that a file that Terraform wrote keeps its bytes when Ravelin rewrites it.

use std::io::{self, Write};

use serde::{
    Serialize,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::{
    Value as J,
    ser::{Formatter, PrettyFormatter, Serializer},
};

use crate::base::Type;

/// Two-space indent; `<`, `>`, `&` and the two Unicode line separators escaped; numbers without exponent.
struct GoFormatter<'a>(PrettyFormatter<'a>);

impl Formatter for GoFormatter<'_> {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write!(writer, "{value}")
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut chars = after.chars();
            if let Some(c) = chars.next() {
                write!(writer, "\\u{:04x}", u32::from(c))?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// JSON in the order in which Terraform writes it: keys sorted, except that a value which carries its own type
/// (an attribute of dynamic type) has its `value` before its `type`.
pub struct Ordered<'a>(pub &'a J);

impl Serialize for Ordered<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            J::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(&Ordered(item))?;
                }
                seq.end()
            }
            J::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                if let (2, Some(ty), Some(value)) = (entries.len(), entries.get("type"), entries.get("value"))
                    && Type::from_json(ty).is_some()
                {
                    map.serialize_entry("value", &Ordered(value))?;
                    map.serialize_entry("type", &Ordered(ty))?;
                } else {
                    for (key, value) in entries {
                        map.serialize_entry(key, &Ordered(value))?;
                    }
                }
                map.end()
            }
            scalar => scalar.serialize(serializer),
        }
    }
}

/// Serialises a field with [`Ordered`].
pub fn ordered<S: serde::Serializer>(json: &J, serializer: S) -> Result<S::Ok, S::Error> {
    Ordered(json).serialize(serializer)
}

/// The value as indented JSON with a line break at the end.
pub fn to_text(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, GoFormatter(PrettyFormatter::with_indent(b"  ")));
    // Writing to memory cannot fail, and every map we serialise has text keys.
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok());
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}
