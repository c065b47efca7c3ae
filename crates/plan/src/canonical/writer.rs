//! Canonical JSON written straight from typed values: keys in byte order, no white space, no tree in between.
//!
//! Called by [`crate::BodyText`]. The text is the same as that of [`crate::canonical_json`]; a large plan holds so many
//! bodies that building a tree of each would cost more than everything else. Start reading at [`text`], then [`Fields`],
//! which puts the fields of one object in order when they are all written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::ser::{self, Serialize};
use serde_json::{Error, Value};

/// What becomes of fields that are null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unset {
    Kept,
    LeftOut,
}

/// The canonical JSON of a value.
pub(crate) fn text<T: Serialize>(value: &T, unset: Unset) -> Result<String, Error> {
    let mut writer = Writer { out: Vec::new(), unset };
    value.serialize(&mut writer)?;
    String::from_utf8(writer.out).map_err(ser::Error::custom)
}

struct Writer {
    out: Vec<u8>,
    unset: Unset,
}

impl Writer {
    fn scalar<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, value)
    }

    fn fields(&mut self) -> Fields<'_> {
        Fields { start: self.out.len(), writer: self, written: Vec::new(), key: None, after: "" }
    }

    fn items(&mut self, after: &'static str) -> Items<'_> {
        self.out.push(b'[');
        Items { writer: self, is_first: true, after }
    }

    /// `{"Variant":`, to be closed by whoever ends what follows.
    fn variant(&mut self, name: &str) -> Result<(), Error> {
        self.out.push(b'{');
        self.scalar(name)?;
        self.out.push(b':');
        Ok(())
    }
}

/// The fields of an object: written one after the other as `,"key":value`, put in order at the end.
struct Fields<'a> {
    writer: &'a mut Writer,
    start: usize,
    written: Vec<(Cow<'static, str>, Range<usize>)>,
    key: Option<Cow<'static, str>>,
    after: &'static str,
}

impl Fields<'_> {
    fn field<T: Serialize + ?Sized>(&mut self, key: Cow<'static, str>, value: &T) -> Result<(), Error> {
        let begin = self.writer.out.len();
        self.writer.out.push(b',');
        self.writer.scalar(key.as_ref())?;
        self.writer.out.push(b':');
        let value_begins = self.writer.out.len();
        value.serialize(&mut *self.writer)?;
        let is_null = self.writer.out.get(value_begins..) == Some(b"null".as_slice());
        if is_null && self.writer.unset == Unset::LeftOut {
            self.writer.out.truncate(begin);
        } else {
            self.written.push((key, begin..self.writer.out.len()));
        }
        Ok(())
    }

    fn finish(self) {
        let out = &mut self.writer.out;
        if !self.written.is_sorted_by(|(one, _), (next, _)| one < next) {
            // Of a key that comes twice the last one stands, as in a map.
            let ordered: BTreeMap<Cow<'static, str>, Range<usize>> = self.written.into_iter().collect();
            let segments = ordered.into_values().filter_map(|range| out.get(range));
            let sorted = segments.collect::<Vec<_>>().concat();
            out.truncate(self.start);
            out.extend_from_slice(&sorted);
        }
        match out.get_mut(self.start) {
            Some(comma) => *comma = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
        out.extend_from_slice(self.after.as_bytes());
    }
}

/// The items of a list, in the order they come.
struct Items<'a> {
    writer: &'a mut Writer,
    is_first: bool,
    after: &'static str,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_first) {
            self.writer.out.push(b',');
        }
        value.serialize(&mut *self.writer)
    }

    fn finish(self) {
        self.writer.out.push(b']');
        self.writer.out.extend_from_slice(self.after.as_bytes());
    }
}

macro_rules! scalars {
    ($($name:ident: $type:ty,)*) => {$(
        fn $name(self, value: $type) -> Result<(), Error> {
            self.scalar(&value)
        }
    )*};
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    scalars! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.scalar(&())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.scalar(&())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.scalar(&())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.scalar(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Error> {
        Ok(self.items(""))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, Error> {
        Ok(self.items(""))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Error> {
        Ok(self.items(""))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'a>, Error> {
        self.variant(variant)?;
        Ok(self.items("}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Error> {
        Ok(self.fields())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, Error> {
        Ok(self.fields())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Error> {
        self.variant(variant)?;
        Ok(Fields { after: "}", ..self.fields() })
    }
}

macro_rules! items {
    ($($trait:ident $item:ident;)*) => {$(
        impl ser::$trait for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! fields {
    ($($trait:ident;)*) => {$(
        impl ser::$trait for Fields<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(Cow::Borrowed(key), value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}

impl ser::SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let key = match serde_json::to_value(key)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        self.key = Some(Cow::Owned(key));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().unwrap_or_default();
        self.field(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::json;

    use super::{Unset, text};
    use crate::canonical_json;

    #[derive(Serialize)]
    struct Inner {
        z: Option<u8>,
        a: f64,
    }

    #[derive(Serialize)]
    enum Choice {
        Unit,
        New(u8),
        Pair(u8, Inner),
        Fields { y: (), x: Vec<Choice> },
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Outer {
        z_last: Inner,
        text: &'static str,
        empty: BTreeMap<String, u8>,
        map: BTreeMap<String, Option<Inner>>,
        choices: Vec<Choice>,
        #[serde(flatten)]
        rest: Inner,
        none: Option<()>,
    }

    fn outer() -> Outer {
        let inner = |z| Inner { z, a: 0.1 };
        let map = [("b\n", Some(inner(None))), ("a b", None), ("a\u{1}", Some(inner(Some(1)))), ("é", None)];
        Outer {
            z_last: inner(Some(2)),
            text: "\"quoted\" \\ \u{7f} é",
            empty: BTreeMap::new(),
            map: map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            choices: vec![
                Choice::Unit,
                Choice::New(1),
                Choice::Pair(2, inner(None)),
                Choice::Fields { y: (), x: vec![Choice::Unit] },
            ],
            rest: inner(None),
            none: None,
        }
    }

    #[test]
    fn is_the_canonical_text_of_the_tree() {
        let tree = serde_json::to_value(outer()).unwrap();
        assert_eq!(text(&outer(), Unset::Kept).unwrap(), canonical_json(&tree));
        assert_eq!(text(&tree, Unset::Kept).unwrap(), canonical_json(&tree));
        for scalar in [json!(null), json!(1.0), json!(-1), json!(u64::MAX), json!([]), json!({})] {
            assert_eq!(text(&scalar, Unset::Kept).unwrap(), scalar.to_string());
        }
    }

    #[test]
    fn leaves_out_what_is_not_set() {
        let tree = json!({"b": null, "a": {"z": null, "y": [null, {"x": null}]}, "c": "null"});
        assert_eq!(text(&tree, Unset::LeftOut).unwrap(), r#"{"a":{"y":[null,{}]},"c":"null"}"#);
    }
}
