//! Times as Azure writes them.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::http::Millis;

/// A moment in RFC 3339, e.g. `2026-08-22T10:00:00.25Z`.
pub fn rfc3339(at: Millis) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).ok().and_then(|t| t.format(&Rfc3339).ok()).unwrap_or_default()
}
