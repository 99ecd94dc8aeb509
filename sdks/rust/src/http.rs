//! Other servers: those that the function's block names with `allow_host`.

use std::time::Duration;

use crate::host::{bytes, call, member};
use crate::json::Value;
use crate::Result;

/// What becomes of an answer that leads elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirect {
    /// The function gets what is there.
    #[default]
    Follow,
    /// It is the answer.
    Manual,
    /// It is an error.
    Refuse,
}

/// What another server is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, Vec<String>)>,
    /// Any bytes.
    pub body: Option<Vec<u8>>,
    /// For all of it; what the function has left unless one is given.
    pub timeout: Option<Duration>,
    pub redirect: Redirect,
}

impl Request {
    /// Makes one.
    pub fn new(method: &str, url: &str) -> Request {
        Request { method: method.to_string(), url: url.to_string(), ..Request::default() }
    }

    /// Adds a value to a header field.
    pub fn with_header(mut self, name: &str, value: &str) -> Request {
        match self.headers.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.push(value.to_string()),
            None => self.headers.push((name.to_string(), vec![value.to_string()])),
        }
        self
    }

    /// Sends a body of a content type.
    pub fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Request {
        self.body = Some(body.into());
        self.with_header("Content-Type", content_type)
    }

    /// Waits no longer than this.
    pub fn with_timeout(mut self, timeout: Duration) -> Request {
        self.timeout = Some(timeout);
        self
    }

    /// Does something else than to follow redirects.
    pub fn with_redirect(mut self, redirect: Redirect) -> Request {
        self.redirect = redirect;
        self
    }

    /// Asks the server; any status is an answer.
    ///
    /// The error's code is `denied` where the function may not ask it, with the line to add in its message;
    /// `unavailable` where there is no answer, `timeout` where it takes too long, `too-large`, or `bad-request` for
    /// what is no request.
    pub fn send(self) -> Result<Fetched> {
        let headers = self.headers.into_iter().map(|(name, values)| (name, values.into())).collect();
        let redirect = match self.redirect {
            Redirect::Follow => "follow",
            Redirect::Manual => "manual",
            Redirect::Refuse => "error",
        };
        let mut members = vec![
            ("method".to_string(), self.method.into()),
            ("url".to_string(), self.url.into()),
            ("headers".to_string(), Value::Object(headers)),
            ("redirect".to_string(), redirect.into()),
        ];
        members.extend(self.timeout.map(|timeout| ("timeout".to_string(), timeout.as_secs_f64().into())));
        members.extend(self.body.map(|body| member("body", &body)));
        call("http.fetch", &Value::Object(members)).map(Fetched::read)
    }
}

/// What another server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub status: u16,
    pub headers: Vec<(String, Vec<String>)>,
    /// Any bytes.
    pub body: Vec<u8>,
    /// What answered in the end.
    pub url: String,
    /// Whether that is another one than was asked for.
    pub redirected: bool,
}

impl Fetched {
    fn read(answer: Value) -> Fetched {
        let headers = match answer.get("headers") {
            Some(Value::Object(fields)) => {
                fields.iter().map(|(name, values)| (name.clone(), values.clone().texts())).collect()
            }
            _ => Vec::new(),
        };
        Fetched {
            status: answer.number("status").unwrap_or_default() as u16,
            headers,
            body: bytes(&answer, "body"),
            url: answer.text("url").unwrap_or_default().to_string(),
            redirected: answer.bool("redirected").unwrap_or_default(),
        }
    }

    /// All values of a header field, whatever the case of its name.
    pub fn headers(&self, name: &str) -> &[String] {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or(&[], |(_, values)| values)
    }

    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).first().map(String::as_str)
    }

    /// The body as a text; what is no UTF-8 in it is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks for an address.
pub fn get(url: &str) -> Result<Fetched> {
    Request::new("GET", url).send()
}

/// Sends a body of a content type to an address.
pub fn post(url: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Result<Fetched> {
    Request::new("POST", url).with_body(content_type, body).send()
}
