//! The ARM client: credentials, requests, paging, polling, retry, budget, bulk reads.
