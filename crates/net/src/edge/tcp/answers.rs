//! The answers to strangers, each in its own protocol, so that its program can show them.

use super::opening::Stranger;
use crate::proto::{PROTOCOL, Preface};

/// The last bytes to a stranger. None is sent to one whose language is unknown.
pub(super) fn answer(stranger: Stranger) -> Vec<u8> {
    match stranger {
        Stranger::OtherVersion(_) => Preface(PROTOCOL).encode().into(),
        Stranger::Http => http(),
        Stranger::Http2 => http2(),
        Stranger::Tls => TLS_ALERT.into(),
        Stranger::Ssh => ssh(),
        Stranger::Rubbish | Stranger::Mute => Vec::new(),
    }
}

fn http() -> Vec<u8> {
    let head = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{HOW_TO_PLAY}\n", HOW_TO_PLAY.len() + 1).into()
}

/// Empty settings, the answer to the first request, and a goodbye (RFC 9113 sections 6.1, 6.2, 6.5 and 6.8).
fn http2() -> Vec<u8> {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    const END_STREAM: u8 = 1;
    const END_HEADERS: u8 = 4;
    /// The stream of a client's first request.
    const FIRST: u8 = 1;
    /// `:status: 400`, by its number in the table of RFC 7541 appendix A.
    const BAD_REQUEST: u8 = 0x80 + 12;
    let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        let length = u8::try_from(payload.len()).expect("a sentence is short");
        [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
    };
    [
        frame(SETTINGS, 0, 0, &[]),
        frame(HEADERS, END_HEADERS, FIRST, &[BAD_REQUEST]),
        frame(DATA, END_STREAM, FIRST, format!("{HOW_TO_PLAY}\n").as_bytes()),
        frame(GOAWAY, 0, 0, &[0, 0, 0, FIRST, 0, 0, 0, 0]),
    ]
    .concat()
}

/// Our version, and a goodbye before any key exchange (RFC 4253 sections 4.2, 6 and 11.1). OpenSSH and others print its text.
fn ssh() -> Vec<u8> {
    const DISCONNECT: u8 = 1;
    const BY_APPLICATION: u32 = 11;
    /// Bytes of which an unencrypted packet has a multiple.
    const BLOCK: usize = 8;
    /// Bytes of the length and of the length of the padding.
    const HEAD: usize = 5;
    let length = |length: usize| u32::try_from(length).expect("a sentence").to_be_bytes();
    let mut payload = vec![DISCONNECT];
    payload.extend(BY_APPLICATION.to_be_bytes());
    payload.extend(length(HOW_TO_PLAY.len()));
    payload.extend(HOW_TO_PLAY.as_bytes());
    payload.extend(length("".len()));
    // Four bytes at least.
    let padding = 2 * BLOCK - 1 - (HEAD + payload.len() + BLOCK - 1) % BLOCK;
    let mut answer = b"SSH-2.0-oxo\r\n".to_vec();
    answer.extend(length(1 + payload.len() + padding));
    answer.push(u8::try_from(padding).expect("below 16"));
    answer.extend(payload);
    answer.extend(vec![0; padding]);
    answer
}

/// A fatal alert: `handshake_failure` (RFC 8446 section 6.2). It has no place for a sentence.
const TLS_ALERT: &[u8] = &[0x15, 0x03, 0x03, 0, 2, 2, 40];

/// The sentence for people whose program speaks another protocol.
const HOW_TO_PLAY: &str = "This is an oxo game server. To play, run `oxo join` with its address, or `nc` with its host and \
port, and type `help`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_http_answer_is_as_long_as_it_says() {
        let answer = String::from_utf8(answer(Stranger::Http)).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
        assert!(head.ends_with(&format!("\r\nContent-Length: {}", body.len())), "{head}\n\n{body}");
        assert!(body.contains("`oxo join`"), "{body}");
    }

    #[test]
    fn an_http2_answer_is_frames_with_a_status_and_a_sentence() {
        let answer = answer(Stranger::Http2);
        let (mut rest, mut frames) = (answer.as_slice(), Vec::new());
        while let [_, _, length, kind, _, _, _, _, stream, behind @ ..] = rest {
            let (payload, behind) = behind.split_at(usize::from(*length));
            frames.push((*kind, *stream, payload));
            rest = behind;
        }
        let sentence = format!("{HOW_TO_PLAY}\n");
        assert_eq!(frames[..3], [(4, 0, &[][..]), (1, 1, &[0x8c]), (0, 1, sentence.as_bytes())]);
        assert_eq!((frames.len(), frames[3].0), (4, 7));
    }

    #[test]
    fn an_ssh_answer_is_a_version_and_a_padded_packet() {
        let answer = answer(Stranger::Ssh);
        let packet = answer.strip_prefix(b"SSH-2.0-oxo\r\n").unwrap();
        let length = u32::from_be_bytes(packet[..4].try_into().unwrap());
        assert_eq!(packet.len(), 4 + usize::try_from(length).unwrap());
        assert_eq!(packet.len() % 8, 0);
        let padding = usize::from(packet[4]);
        assert!((4..=255).contains(&padding), "{padding}");
        let payload = &packet[5..packet.len() - padding];
        assert_eq!(payload[..5], [1, 0, 0, 0, 11]);
        assert_eq!(payload[9..payload.len() - 4], *HOW_TO_PLAY.as_bytes());
    }
}
