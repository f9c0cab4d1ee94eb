//! What Ravelin believes exists: events, state as their fold, the v4 file format, and where it is kept.
