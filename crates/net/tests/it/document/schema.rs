//! The schema of the protocol document as a program: it reads any message, and tells where each limit applies.

use std::{collections::BTreeMap, ops::RangeInclusive};

/// Types by name.
#[derive(Debug)]
pub(super) struct Schema(BTreeMap<String, Type>);

/// The notation is explained in the document, in front of the schema.
#[derive(Debug, Clone)]
enum Type {
    Named(String),
    /// The variants by their tags.
    Enum(Vec<(u64, Variant)>),
    Struct(Vec<Self>),
    Option(Box<Self>),
    Sequence(Box<Self>, RangeInclusive<u64>),
    Text(RangeInclusive<u64>),
    Bytes(usize),
    Bool,
    U8(RangeInclusive<u64>),
    Varint(RangeInclusive<u64>),
}

#[derive(Debug, Clone)]
struct Variant {
    name: String,
    fields: Vec<Type>,
}

/// A message as the schema reads it.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The variants, each with the name of its enum.
    pub(super) variants: Vec<(String, String)>,
    /// The places at which the schema states a limit.
    pub(super) limits: Vec<Limit>,
    offset: usize,
}

/// A limit, and the bytes of the message that it is about.
#[derive(Debug)]
pub(super) struct Limit {
    pub(super) kind: LimitKind,
    pub(super) range: RangeInclusive<u64>,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitKind {
    U8,
    Varint,
    Text,
    /// The length of the first element, 0 if there is none.
    Sequence {
        element: usize,
    },
}

impl Schema {
    pub(super) fn parse(text: &str) -> Self {
        let mut tokens = Tokens::of(text);
        let mut types = BTreeMap::new();
        while let Some(name) = tokens.next() {
            tokens.expect("=");
            let body = tokens.body();
            assert!(types.insert(name.clone(), body).is_none(), "two types are called {name}");
        }
        Self(types)
    }

    /// All variants of all enums, each with the name of its enum. Their tags count from 0.
    pub(super) fn variants(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (name, body) in &self.0 {
            let Type::Enum(variants) = body else { continue };
            for (expected, (tag, variant)) in (0..).zip(variants) {
                assert_eq!(*tag, expected, "the tag of {name} {}", variant.name);
                all.push((name.clone(), variant.name.clone()));
            }
        }
        all
    }

    /// The limit of a type that is nothing but a text or an integer.
    pub(super) fn limit(&self, name: &str) -> RangeInclusive<u64> {
        match &self.0[name] {
            Type::Text(range) | Type::U8(range) | Type::Varint(range) => range.clone(),
            other => panic!("{name} has no limit but is {other:?}"),
        }
    }

    /// Reads a whole message of a type.
    #[track_caller]
    pub(super) fn read(&self, name: &str, bytes: &[u8]) -> Reading {
        let mut reading = Reading::default();
        self.read_type(name, &self.0[name], bytes, &mut reading);
        assert_eq!(reading.offset, bytes.len(), "the schema does not end with the {name}");
        reading
    }

    #[track_caller]
    fn read_type(&self, name: &str, kind: &Type, bytes: &[u8], reading: &mut Reading) {
        let start = reading.offset;
        match kind {
            Type::Named(other) => {
                let body = self.0.get(other).unwrap_or_else(|| panic!("no type is called {other}"));
                self.read_type(other, body, bytes, reading);
            }
            Type::Enum(variants) => {
                let tag = reading.varint(bytes);
                let found = variants.iter().find(|(number, _)| *number == tag);
                let (_, variant) = found.unwrap_or_else(|| panic!("{name} has no variant {tag}"));
                reading.variants.push((name.to_owned(), variant.name.clone()));
                for field in &variant.fields {
                    self.read_type(name, field, bytes, reading);
                }
            }
            Type::Struct(fields) => {
                for field in fields {
                    self.read_type(name, field, bytes, reading);
                }
            }
            Type::Option(inner) => match reading.take(bytes, 1) {
                [0] => {}
                [1] => self.read_type(name, inner, bytes, reading),
                other => panic!("{name}: an option begins with {other:?}"),
            },
            Type::Sequence(inner, range) => {
                let count = reading.varint(bytes);
                let first = reading.offset;
                let mut element = 0;
                for index in 0..count {
                    self.read_type(name, inner, bytes, reading);
                    element = if index == 0 { reading.offset - first } else { element };
                }
                reading.note(LimitKind::Sequence { element }, range, count, start);
            }
            Type::Text(range) => {
                let length = reading.varint(bytes);
                let text = reading.take(bytes, usize::try_from(length).unwrap());
                assert!(std::str::from_utf8(text).is_ok(), "{name}: {text:?}");
                reading.note(LimitKind::Text, range, length, start);
            }
            Type::Bytes(count) => {
                reading.take(bytes, *count);
            }
            Type::Bool => assert!(reading.take(bytes, 1)[0] < 2, "{name}: a bool at {start}"),
            Type::U8(range) => {
                let value = u64::from(reading.take(bytes, 1)[0]);
                reading.note(LimitKind::U8, range, value, start);
            }
            Type::Varint(range) => {
                let value = reading.varint(bytes);
                reading.note(LimitKind::Varint, range, value, start);
            }
        }
    }
}

impl Reading {
    #[track_caller]
    fn note(&mut self, kind: LimitKind, range: &RangeInclusive<u64>, value: u64, start: usize) {
        assert!(range.contains(&value), "{value} at {start} is not in {range:?}");
        self.limits.push(Limit { kind, range: range.clone(), start, end: self.offset });
    }

    #[track_caller]
    fn take<'a>(&mut self, bytes: &'a [u8], count: usize) -> &'a [u8] {
        let taken = bytes.get(self.offset..self.offset + count).expect("the message ends too early");
        self.offset += count;
        taken
    }

    #[track_caller]
    fn varint(&mut self, bytes: &[u8]) -> u64 {
        let length = match self.take(bytes, 1)[0] {
            small @ 0..=250 => return small.into(),
            251 => 2,
            252 => 4,
            253 => 8,
            other => panic!("a varint begins with {other}"),
        };
        self.take(bytes, length).iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
    }
}

/// The words, numbers and marks of the notation, without its remarks.
struct Tokens(std::iter::Peekable<std::vec::IntoIter<String>>);

impl Tokens {
    fn of(text: &str) -> Self {
        let mut tokens: Vec<String> = Vec::new();
        for line in text.lines() {
            let code = line.split('#').next().unwrap_or_default();
            for word in code.replace("..", " .. ").split_whitespace() {
                let mut rest = word;
                while let Some(mark) = rest.find(|character: char| "={}()|:,;<>[]".contains(character)) {
                    let (before, after) = rest.split_at(mark);
                    tokens.extend((!before.is_empty()).then(|| before.to_owned()));
                    let (mark, after) = after.split_at(1);
                    tokens.push(mark.to_owned());
                    rest = after;
                }
                tokens.extend((!rest.is_empty()).then(|| rest.to_owned()));
            }
        }
        Self(tokens.into_iter().peekable())
    }

    fn next(&mut self) -> Option<String> {
        self.0.next()
    }

    /// Takes the next token if it is this one.
    fn takes(&mut self, token: &str) -> bool {
        self.0.next_if(|next| next == token).is_some()
    }

    fn expect(&mut self, token: &str) {
        let next = self.0.next();
        assert_eq!(next.as_deref(), Some(token));
    }

    fn word(&mut self) -> String {
        self.0.next().expect("the schema ends too early")
    }

    fn number(&mut self) -> u64 {
        let word = self.word();
        word.parse().unwrap_or_else(|_| panic!("{word} is no number"))
    }

    fn next_is_number(&mut self) -> bool {
        self.0.peek().is_some_and(|next| next.starts_with(|character: char| character.is_ascii_digit()))
    }

    fn range(&mut self) -> RangeInclusive<u64> {
        let least = self.number();
        self.expect("..");
        least..=self.number()
    }

    fn body(&mut self) -> Type {
        if !self.next_is_number() {
            return if self.takes("{") { Type::Struct(self.fields()) } else { self.kind() };
        }
        let mut variants = Vec::new();
        loop {
            let (tag, name) = (self.number(), self.word());
            let fields = if self.takes("{") {
                self.fields()
            } else if self.takes("(") {
                let field = self.kind();
                self.expect(")");
                vec![field]
            } else {
                Vec::new()
            };
            variants.push((tag, Variant { name, fields }));
            if !self.takes("|") {
                return Type::Enum(variants);
            }
        }
    }

    fn fields(&mut self) -> Vec<Type> {
        let mut fields = Vec::new();
        loop {
            let _name = self.word();
            self.expect(":");
            fields.push(self.kind());
            if self.takes("}") {
                return fields;
            }
            self.expect(",");
        }
    }

    fn kind(&mut self) -> Type {
        if self.takes("[") {
            let element = Box::new(self.kind());
            self.expect(";");
            let range = self.range();
            self.expect("]");
            return Type::Sequence(element, range);
        }
        let word = self.word();
        let mut limited = |most| if self.next_is_number() { self.range() } else { 0..=most };
        match word.as_str() {
            "bool" => Type::Bool,
            "u8" => Type::U8(limited(u8::MAX.into())),
            "u16" => Type::Varint(limited(u16::MAX.into())),
            "u32" => Type::Varint(limited(u32::MAX.into())),
            "u64" => Type::Varint(limited(u64::MAX)),
            "text" => Type::Text(self.range()),
            "bytes" => Type::Bytes(usize::try_from(self.number()).unwrap()),
            "Option" => {
                self.expect("<");
                let inner = Box::new(self.kind());
                self.expect(">");
                Type::Option(inner)
            }
            _ => Type::Named(word),
        }
    }
}
