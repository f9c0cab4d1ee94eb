//! How many requests went out, and the pace they may go at: ARM's token buckets, kept on our side so that they never run dry.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use azure_core::{
    Error,
    error::ErrorKind,
    http::{
        Context, Method, Request,
        headers::{HeaderName, USER_AGENT},
        policies::{Policy, PolicyResult},
    },
};
use tokio::time::Instant;

/// ARM counts requests in three classes per subscription and principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Read,
    Write,
    Delete,
}

impl Class {
    pub(super) fn of(method: Method) -> Class {
        match method {
            Method::Get | Method::Head => Class::Read,
            Method::Delete => Class::Delete,
            _ => Class::Write,
        }
    }

    /// Bucket size and refill per second. Source: Azure Resource Manager throttling, the model in force since 2024.
    fn limits(self) -> (f64, f64) {
        match self {
            Class::Read => (250.0, 25.0),
            Class::Write | Class::Delete => (200.0, 10.0),
        }
    }

    fn remaining_header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Class::Read => "x-ms-ratelimit-remaining-subscription-reads",
            Class::Write => "x-ms-ratelimit-remaining-subscription-writes",
            Class::Delete => "x-ms-ratelimit-remaining-subscription-deletes",
        })
    }
}

/// Requests sent to ARM, every try and every poll counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    pub reads: u64,
    pub writes: u64,
    pub deletes: u64,
    /// How many of them were answered 429.
    pub throttled: u64,
}

impl Requests {
    pub fn total(self) -> u64 {
        self.reads + self.writes + self.deletes
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
    /// Nothing is sent before this instant: ARM said so in a 429.
    closed: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Traffic {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    sent: Requests,
    buckets: BTreeMap<(String, Class), Bucket>,
}

impl Traffic {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // The lock guards plain numbers: they are whole even if a holder panicked.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sent(&self) -> Requests {
        self.lock().sent
    }

    /// Waits until the bucket has a token, takes it and counts the request.
    async fn admit(&self, subscription: &str, class: Class) {
        loop {
            let wait = self.lock().take(subscription, class, Instant::now());
            match wait {
                None => return,
                Some(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Learns from an answer: what ARM says is left, and that the door is closed for a while.
    pub(super) fn learn(&self, subscription: &str, class: Class, remaining: Option<u64>, closed_for: Option<Duration>) {
        let now = Instant::now();
        let mut inner = self.lock();
        let bucket = inner.bucket(subscription, class, now);
        if let Some(remaining) = remaining {
            bucket.tokens = bucket.tokens.min(remaining as f64);
        }
        if let Some(closed_for) = closed_for {
            let until = now + closed_for;
            bucket.closed = Some(bucket.closed.map_or(until, |c| c.max(until)));
        }
    }
}

impl Inner {
    fn bucket(&mut self, subscription: &str, class: Class, now: Instant) -> &mut Bucket {
        let (size, rate) = class.limits();
        let bucket = self.buckets.entry((subscription.to_owned(), class)).or_insert(Bucket { tokens: size, at: now, closed: None });
        bucket.tokens = (bucket.tokens + now.duration_since(bucket.at).as_secs_f64() * rate).min(size);
        bucket.at = now;
        bucket
    }

    /// Takes a token, or says how long to wait for one.
    fn take(&mut self, subscription: &str, class: Class, now: Instant) -> Option<Duration> {
        let (_, rate) = class.limits();
        let bucket = self.bucket(subscription, class, now);
        if let Some(closed) = bucket.closed.filter(|c| *c > now) {
            return Some(closed - now);
        }
        if bucket.tokens < 1.0 {
            // A millisecond more than needed, so that rounding never asks for a second wait.
            return Some(Duration::from_secs_f64((1.0 - bucket.tokens) / rate) + Duration::from_millis(1));
        }
        bucket.tokens -= 1.0;
        match class {
            Class::Read => self.sent.reads += 1,
            Class::Write => self.sent.writes += 1,
            Class::Delete => self.sent.deletes += 1,
        }
        None
    }
}

/// The pipeline step right before the transport: paces, counts, names us, and keeps from being repeated what must not be.
#[derive(Debug)]
pub(super) struct Gate {
    pub traffic: Arc<Traffic>,
    /// Whether a request of this pipeline must not arrive twice.
    pub once: bool,
}

/// `ravelin/x.y.z`, on every request.
const AGENT: &str = concat!("ravelin/", env!("CARGO_PKG_VERSION"));

#[async_trait::async_trait]
impl Policy for Gate {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let Some((transport, rest)) = next.split_first() else {
            return Err(Error::with_message(ErrorKind::Other, "the pipeline has no transport"));
        };
        let method = request.method();
        let class = Class::of(method);
        let subscription = subscription(request.url().path());
        request.insert_header(USER_AGENT, AGENT);
        self.traffic.admit(&subscription, class).await;
        let result = transport.send(ctx, request, rest).await;
        match result {
            Ok(response) => {
                let remaining = response.headers().get_optional_str(&class.remaining_header()).and_then(|v| v.parse().ok());
                self.traffic.learn(&subscription, class, remaining, None);
                if response.status() == azure_core::http::StatusCode::TooManyRequests {
                    self.traffic.lock().sent.throttled += 1;
                }
                Ok(response)
            }
            // The request may have reached Azure before the connection broke; an error of another kind is not tried again.
            Err(error) if self.once && *error.kind() == ErrorKind::Io => {
                Err(Error::with_error(ErrorKind::Other, error, "the connection broke and the request may have arrived"))
            }
            Err(error) => Err(error),
        }
    }
}

/// The subscription in an ARM path; empty for tenant-level paths, which have a bucket of their own.
pub(super) fn subscription(path: &str) -> String {
    let mut segments = path.split('/').filter(|s| !s.is_empty());
    match (segments.next(), segments.next()) {
        (Some(word), Some(id)) if word.eq_ignore_ascii_case("subscriptions") => id.to_ascii_lowercase(),
        _ => String::new(),
    }
}
