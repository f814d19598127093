//! The little of DNS that an announcement needs (RFC 1035 section 4): queries that are read, and records that are written.

/// The port of multicast DNS (RFC 6762 section 3).
pub(crate) const PORT: u16 = 5353;

/// Types of records.
pub(crate) mod qtype {
    pub(crate) const A: u16 = 1;
    pub(crate) const PTR: u16 = 12;
    pub(crate) const TXT: u16 = 16;
    pub(crate) const AAAA: u16 = 28;
    pub(crate) const SRV: u16 = 33;
    pub(crate) const ANY: u16 = 255;
}

/// The class of a record, with the bit that replaces what a cache has (RFC 6762 section 10.2).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Class {
    /// Others have records of this name and type, too.
    Shared = 1,
    /// All records of this name and type are ours.
    Unique = 0x8001,
}

/// A message, as far as a responder reads it. Names are as on the wire, without compression and in small letters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: u16,
    pub(crate) is_response: bool,
    /// Names and types, at most [`MAX_ENTRIES`].
    pub(crate) questions: Vec<(Vec<u8>, u16)>,
    /// The answers that the sender knows, at most [`MAX_ENTRIES`].
    pub(crate) answers: Vec<Record>,
}

/// A record that the sender of a query knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) name: Vec<u8>,
    pub(crate) rtype: u16,
    pub(crate) ttl: u32,
    /// The name that a PTR record leads to.
    pub(crate) target: Option<Vec<u8>>,
}

impl Message {
    /// Reads a datagram that anybody may have sent. Returns `None` if it is malformed.
    pub(crate) fn parse(datagram: &[u8]) -> Option<Self> {
        let mut reader = Reader { datagram, at: 0 };
        let [id, flags, questions, answers, _, _] = [(); 6].map(|()| reader.u16());
        let mut message =
            Self { id: id?, is_response: flags? & 0x8000 != 0, questions: Vec::new(), answers: Vec::new() };
        let (questions, answers) = (usize::from(questions?), usize::from(answers?));
        for _ in 0..questions.min(MAX_ENTRIES) {
            let name = reader.name()?;
            let rtype = reader.u16()?;
            let _class = reader.u16()?;
            message.questions.push((name, rtype));
        }
        if questions <= MAX_ENTRIES {
            for _ in 0..answers.min(MAX_ENTRIES) {
                message.answers.push(reader.record()?);
            }
        }
        Some(message)
    }
}

/// A name as on the wire and in small letters. Labels have at most 63 bytes.
pub(crate) fn name<'a>(labels: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut name = Vec::new();
    for label in labels {
        name.push(u8::try_from(label.len()).expect("a label has at most 63 bytes"));
        name.extend_from_slice(label.as_bytes());
    }
    name.push(0);
    name.to_ascii_lowercase()
}

struct Reader<'a> {
    datagram: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn u8(&mut self) -> Option<u8> {
        let byte = *self.datagram.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.u8()?, self.u8()?]))
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        let mut name = Vec::new();
        // The place behind the name, once a pointer has led away from it.
        let mut behind = None;
        loop {
            let start = self.at;
            match self.u8()? {
                0 => break,
                length @ 1..=63 => {
                    let label = self.datagram.get(self.at..self.at + usize::from(length))?;
                    self.at += label.len();
                    name.push(length);
                    name.extend(label.iter().map(u8::to_ascii_lowercase));
                }
                high @ 0xc0.. => {
                    let low = self.u8()?;
                    behind.get_or_insert(self.at);
                    self.at = usize::from(u16::from_be_bytes([high & 0x3f, low]));
                    // Always further back, so that no name goes round in circles.
                    if self.at >= start {
                        return None;
                    }
                }
                64..0xc0 => return None,
            }
            if name.len() >= MAX_NAME {
                return None;
            }
        }
        self.at = behind.unwrap_or(self.at);
        name.push(0);
        Some(name)
    }

    fn record(&mut self) -> Option<Record> {
        let name = self.name()?;
        let rtype = self.u16()?;
        let _class = self.u16()?;
        let ttl = u32::from(self.u16()?) << 16 | u32::from(self.u16()?);
        let end = usize::from(self.u16()?) + self.at;
        let target = if rtype == qtype::PTR { Some(self.name()?) } else { None };
        self.at = end;
        Some(Record { name, rtype, ttl, target })
    }
}

/// Writes a response, in which each name is written once.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
    /// Names that a pointer can lead to, and their places.
    places: Vec<(Vec<u8>, u16)>,
}

impl Writer {
    /// A response without records, to a question if there is one.
    pub(crate) fn response(id: u16, question: Option<(&[u8], u16)>) -> Self {
        let mut writer = Self { bytes: Vec::new(), places: Vec::new() };
        // A response from the authority; the numbers of questions, answers and others.
        for field in [id, 0x8400, u16::from(question.is_some()), 0, 0, 0] {
            writer.u16(field);
        }
        if let Some((name, rtype)) = question {
            writer.name(name);
            writer.u16(rtype);
            writer.u16(Class::Shared as u16);
        }
        writer
    }

    /// Adds a record.
    pub(crate) fn record(
        &mut self,
        (name, rtype): (&[u8], u16),
        class: Class,
        ttl: u32,
        data: impl FnOnce(&mut Self),
    ) {
        self.name(name);
        self.u16(rtype);
        self.u16(class as u16);
        self.bytes.extend(ttl.to_be_bytes());
        let start = self.bytes.len();
        self.u16(0);
        data(self);
        let length = u16::try_from(self.bytes.len() - start - 2).expect("a few hundred bytes");
        self.bytes[start..start + 2].copy_from_slice(&length.to_be_bytes());
        // The number of answers.
        self.bytes[7] += 1;
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes.extend(value.to_be_bytes());
    }

    /// Adds a name, or a pointer to where its end has been written (RFC 1035 section 4.1.4).
    pub(crate) fn name(&mut self, mut name: &[u8]) {
        while let Some((&length, rest)) = name.split_first()
            && length > 0
        {
            if let Some((_, place)) = self.places.iter().find(|(written, _)| written == name) {
                return self.u16(0xc000 | place);
            }
            let place = u16::try_from(self.bytes.len()).expect("a few hundred bytes");
            self.places.push((name.to_owned(), place));
            let (label, others) = rest.split_at(usize::from(length));
            self.bytes.push(length);
            self.bytes.extend_from_slice(label);
            name = others;
        }
        self.bytes.push(0);
    }
}

/// Questions and answers of a message that are read. A browser asks two questions, and knows the answers of a screenful.
const MAX_ENTRIES: usize = 64;

/// Bytes of the longest name (RFC 1035 section 2.3.4).
const MAX_NAME: usize = 255;
