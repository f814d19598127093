//! The way from JSON to a value.

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, VariantAccess, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Map, Result, Value};

use super::writer::PLAIN;

/// A value to read.
#[derive(Debug)]
pub(super) enum Reader {
    /// It stands by itself.
    Whole(Value),
    /// It is what a variant holds: the fields beside the `type`.
    Content(Map<String, Value>),
}

/// A variant and what is beside its `type`.
#[derive(Debug)]
pub(super) struct Variant {
    name: String,
    fields: Map<String, Value>,
}

impl Reader {
    pub(super) const fn new(value: Value) -> Self {
        Self::Whole(value)
    }

    /// The value, if it is no struct.
    fn value(self) -> Result<Value> {
        match self {
            Self::Whole(value) => Ok(value),
            Self::Content(mut fields) => match fields.remove("value") {
                Some(value) if fields.is_empty() => Ok(value),
                Some(_) => Err(Error::custom("expected nothing beside the `value`")),
                None => Err(Error::custom("expected a `value`")),
            },
        }
    }
}

impl IntoDeserializer<'_, Error> for Reader {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value()? {
            Value::Array(elements) => {
                let mut elements = SeqDeserializer::new(elements.into_iter().map(Self::Whole));
                let value = visitor.visit_seq(&mut elements)?;
                elements.end()?;
                Ok(value)
            }
            Value::Object(fields) => visit_fields(fields, visitor),
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self {
            Self::Content(fields) | Self::Whole(Value::Object(fields)) => visit_fields(fields, visitor),
            Self::Whole(_) => Err(Error::custom("expected an object")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Self::Whole(Value::Null) => visitor.visit_none(),
            some => visitor.visit_some(some),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match (PLAIN.contains(&name), self.value()?) {
            (true, Value::String(name)) => visitor.visit_enum(Variant { name, fields: Map::new() }),
            (true, _) => Err(Error::custom("expected a string")),
            (false, Value::Object(mut fields)) => match fields.remove("type") {
                Some(Value::String(name)) => visitor.visit_enum(Variant { name, fields }),
                Some(_) | None => Err(no_type()),
            },
            (false, _) => Err(no_type()),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self)> {
        let name: serde::de::value::StrDeserializer<'_, Error> = self.name.as_str().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        if self.fields.is_empty() { Ok(()) } else { Err(Error::custom("expected nothing beside the `type`")) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        seed.deserialize(Reader::Content(self.fields))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, _visitor: V) -> Result<V::Value> {
        Err(Error::custom("a tuple has no form in JSON"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visit_fields(self.fields, visitor)
    }
}

fn visit_fields<'de, V: Visitor<'de>>(fields: Map<String, Value>, visitor: V) -> Result<V::Value> {
    let mut fields = MapDeserializer::new(fields.into_iter().map(|(key, value)| (key, Reader::Whole(value))));
    let value = visitor.visit_map(&mut fields)?;
    fields.end()?;
    Ok(value)
}

fn no_type() -> Error {
    Error::custom("expected an object with a `type`")
}
