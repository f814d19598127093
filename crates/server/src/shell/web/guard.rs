//! The rules for every request, and the head of every answer.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{door::Door, names};

/// Stands in the head of every answer: the page uses its own files alone, stands in no other page, and tells nobody where
/// its reader was. There is no CORS header, so no other page reads an answer.
const HEAD: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Answers a request that breaks a rule, and passes on every other.
pub(super) async fn guard(State(door): State<Door>, request: Request, next: Next) -> Response {
    let mut answer = match broken_rule(&door, &request) {
        Some((status, sentence)) => refusal(status, sentence),
        None => next.run(request).await,
    };
    seal(&mut answer);
    door.shared.answers.note(answer.status());
    answer
}

/// Completes the head of an answer.
pub(in crate::shell) fn seal(answer: &mut Response) {
    if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    if answer.status().is_client_error() || answer.status().is_server_error() {
        // Whatever else it sent is not read.
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer.headers_mut().extend(HEAD.map(|(name, value)| (name, HeaderValue::from_static(value))));
}

/// An answer of one sentence.
pub(in crate::shell) fn refusal(status: StatusCode, sentence: &str) -> Response {
    (status, format!("{sentence}\n")).into_response()
}

fn broken_rule(door: &Door, request: &Request) -> Option<(StatusCode, &'static str)> {
    if !door.may_ask() {
        Some((StatusCode::TOO_MANY_REQUESTS, "Too many requests came at once"))
    } else if let Some(wrong) = wrong(request, &door.shared.config.web_names) {
        Some(wrong)
    } else if door.visitor.is_for_return && request.uri().path() != "/ws" {
        Some((StatusCode::SERVICE_UNAVAILABLE, "The server is full"))
    } else {
        None
    }
}

/// The reason why a request is refused wherever it comes from. `others` are further names of this server.
pub(in crate::shell) fn wrong(request: &Request, others: &[String]) -> Option<(StatusCode, &'static str)> {
    let headers = request.headers();
    let has_body = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0")
        || headers.contains_key(header::TRANSFER_ENCODING);
    if !names::is_for_us(request.uri(), headers, others) {
        Some((StatusCode::MISDIRECTED_REQUEST, "This server has another name; open it by its address"))
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        Some((StatusCode::METHOD_NOT_ALLOWED, "Pages are only read here"))
    } else if has_body {
        Some((StatusCode::PAYLOAD_TOO_LARGE, "A request has no body here"))
    } else {
        None
    }
}
