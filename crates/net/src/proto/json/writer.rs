//! The way from a value to JSON.

use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible, SerializeSeq, SerializeStruct, SerializeStructVariant},
};
use serde_json::{Error, Result};

/// The enums in which no variant holds anything.
pub(super) const PLAIN: [&str; 9] = [
    "Claim",
    "CloseReason",
    "CommandKind",
    "Emote",
    "OfferKind",
    "Reject",
    "Seat",
    "Unseating",
    "Visibility",
];

/// Writes a value as text.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: Vec<u8>,
    /// The next value is what a variant holds, and the `type` of the variant is written.
    is_content: bool,
}

/// The elements or fields of a value that is being written.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    writer: &'a mut Writer,
    has_any: bool,
    /// The byte at the end. The object of a variant ends itself.
    end: Option<u8>,
}

impl Writer {
    pub(super) fn into_text(self) -> String {
        String::from_utf8(self.text).expect("serde_json writes UTF-8")
    }

    /// Begins a value that is no struct.
    fn begin(&mut self) {
        if std::mem::take(&mut self.is_content) {
            self.text.extend_from_slice(b",\"value\":");
        }
    }

    fn scalar(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.begin();
        serde_json::to_writer(&mut self.text, value)
    }

    fn variant(&mut self, name: &str) -> Result<()> {
        self.begin();
        self.text.extend_from_slice(b"{\"type\":");
        serde_json::to_writer(&mut self.text, name)
    }
}

macro_rules! scalars {
    ($($name:ident: $type:ty),*) => { $(
        fn $name(self, value: $type) -> Result<()> {
            self.scalar(&value)
        }
    )* };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    scalars!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    scalars!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);
    scalars!(serialize_f32: f32, serialize_f64: f64, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8]);

    fn serialize_none(self) -> Result<()> {
        self.scalar(&())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.scalar(&())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.scalar(&())
    }

    fn serialize_unit_variant(self, name: &'static str, _index: u32, variant: &'static str) -> Result<()> {
        if PLAIN.contains(&name) {
            return self.scalar(variant);
        }
        self.variant(variant)?;
        self.text.push(b'}');
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(variant)?;
        self.is_content = true;
        value.serialize(&mut *self)?;
        self.text.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Parts<'a>> {
        self.begin();
        self.text.push(b'[');
        Ok(Parts { writer: self, has_any: false, end: Some(b']') })
    }

    fn serialize_tuple(self, _length: usize) -> Result<Impossible<(), Error>> {
        Err(no_form("tuple"))
    }

    fn serialize_tuple_struct(self, name: &'static str, _length: usize) -> Result<Impossible<(), Error>> {
        Err(no_form(name))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Impossible<(), Error>> {
        Err(no_form(name))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Impossible<(), Error>> {
        Err(no_form("map"))
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Parts<'a>> {
        if std::mem::take(&mut self.is_content) {
            return Ok(Parts { writer: self, has_any: true, end: None });
        }
        self.text.push(b'{');
        Ok(Parts { writer: self, has_any: false, end: Some(b'}') })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Parts<'a>> {
        self.variant(variant)?;
        Ok(Parts { writer: self, has_any: true, end: Some(b'}') })
    }
}

impl Parts<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if std::mem::replace(&mut self.has_any, true) {
            self.writer.text.push(b',');
        }
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<()> {
        self.element(key)?;
        self.writer.text.push(b':');
        value.serialize(&mut *self.writer)
    }
}

macro_rules! parts {
    ($($parts:ident: $add:ident($($key:ident: $key_type:ty)?) is $method:ident),*) => { $(
        impl $parts for Parts<'_> {
            type Ok = ();
            type Error = Error;

            fn $add<T: Serialize + ?Sized>(&mut self, $($key: $key_type,)? value: &T) -> Result<()> {
                self.$method($($key,)? value)
            }

            fn end(self) -> Result<()> {
                self.writer.text.extend(self.end);
                Ok(())
            }
        }
    )* };
}

parts!(
    SerializeSeq: serialize_element() is element,
    SerializeStruct: serialize_field(key: &'static str) is field,
    SerializeStructVariant: serialize_field(key: &'static str) is field
);

/// The error for a type that no message has.
fn no_form(name: &str) -> Error {
    Error::custom(format_args!("{name} has no form in JSON"))
}
